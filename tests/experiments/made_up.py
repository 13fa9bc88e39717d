"""Specs, curves and launchers that cost nothing."""

from __future__ import annotations

import numpy as np

from tpo.experiments.analysis.result import Curves, Result
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.spec.run_spec import RunSpec
from tpo.experiments.storage import npz
from tpo.experiments.storage.provenance import Provenance
from tpo.training.arm import Arm

PROVENANCE = Provenance(started_at="2026-01-02T03:04:05+00:00", platform="Test-1", versions={"tpo": "0.1.0"})


def make_spec(**changes):
    """Two arms, two seeds, three steps of the smallest task on PyTorch."""
    arms = {
        "tpo": Arm(algorithm="tpo", grouping="token", epochs=1, batch_size=4, group_size=2),
        "dg": Arm(algorithm="dg", grouping="batch", epochs=1, batch_size=4, options={}),
    }
    usual = {
        "task": "token-reversal",
        "options": {"length": 2},
        "arms": arms,
        "backend": "torch",
        "seeds": (0, 1),
        "steps": 3,
    }
    return RunSpec(**(usual | changes))


def make_curves(error, seconds=None):
    """Curves with the `error`, `[S, N]`, and a loss of its negative."""
    error = np.array(error, dtype=np.float64)
    seconds = np.linspace(5, 1, error.shape[1]) if seconds is None else np.array(seconds, dtype=np.float64)
    return Curves(error=error, loss=-error, seconds=seconds)


def make_result(errors, **changes):
    """A result with the errors, `[S, N]`, of each arm; as many steps are in the spec unless `changes` say so."""
    steps = max(np.shape(error)[1] for error in errors.values())
    seeds = max(np.shape(error)[0] for error in errors.values())
    spec = make_spec(**({"steps": steps, "seeds": tuple(range(seeds))} | changes))
    arms = {label: make_curves(error) for label, error in errors.items()}
    return Result(spec=spec, provenance=PROVENANCE, arms=arms)


class FakeLauncher:
    """Runs cells without training: the error of a step is `1 / (step + 1)`, its loss its number, its time .25 s.

    Attributes:
        trained: The algorithms, in the order in which they were started.
        stops: By algorithm, after how many steps Ctrl-C comes; a checkpoint is left then.
    """

    jobs = 1

    def __init__(self, trained, stops=()):
        self.trained, self.stops, self.waiting = trained, dict(stops), []

    @property
    def running(self):
        return len(self.waiting)

    def start(self, cell, library):
        self.trained.append(cell.arm.algorithm)
        self.waiting.append((cell, library))

    def hear(self):
        ((cell, library),) = self.waiting
        steps = self.stops.get(cell.arm.algorithm, cell.steps)
        header = {"cell": cell.to_json(), "cpu_seconds": 0.0, "peak_memory_mb": 0.0}
        rows = np.ones((len(cell.seeds), 1))
        arrays = {
            "error": rows / np.arange(1, steps + 1, dtype=np.float32),
            "loss": rows * np.arange(steps),
            "seconds": np.full(steps, 0.25),
        }
        if steps < cell.steps:
            npz.write(library.checkpoint(cell), header, arrays)
            if self.stops.pop(cell.arm.algorithm, None):
                raise KeyboardInterrupt
        else:
            npz.write(library.path(cell), header | {"provenance": PROVENANCE.to_json()}, arrays)
            library.discard_checkpoint(cell)
        self.waiting.clear()
        told = [News(cell.digest, n + 1, {"error": 1 / (n + 1), "loss": n}) for n in range(steps)]
        return [*told, Ended(cell, "exit code 0")]

    def stop(self):
        self.waiting.clear()

    def kill(self):
        assert not self.waiting
