"""Plans of a task, what they measured, and launchers that cost nothing."""

from __future__ import annotations

import json

import numpy as np

from tpo.experiments.analysis.record import record_from
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.spec.exhibit import Trainer
from tpo.experiments.spec.plan import plan
from tpo.experiments.spec.task_exhibit import task_exhibit
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellResult
from tpo.experiments.storage.provenance import Provenance
from tpo.training.arm import Arm

PROVENANCE = Provenance(started_at="2026-01-02T03:04:05+00:00", platform="Test-1", versions={"tpo": "0.1.0"})
ARMS = {
    "tpo": Arm(algorithm="tpo", grouping="token", epochs=1, batch_size=4, group_size=2),
    "dg": Arm(algorithm="dg", grouping="batch", epochs=1, batch_size=4),
}


def make_plan(*, steps=3, seeds=2, arms=ARMS, error="error", backend="torch"):
    """Two arms of the smallest task, as its command plans them: a cell each."""
    trainer = Trainer(steps=steps, seeds=seeds, seeds_per_cell=seeds)
    exhibit = task_exhibit("token-reversal", {"length": 2}, arms, trainer, error=error, backend=backend)
    return plan(exhibit, exhibit.whole, {})


def make_cells(**changes):
    """The cells of `make_plan` by arm."""
    return {label: cell for (_, label), (cell,) in make_plan(**changes).cells.items()}


def make_result(error, seconds=None, **evaluations):
    """What a cell measured: the `error`, `[S, N]`, and what was evaluated, `[S, M]`, if `evaluated` says when."""
    error = np.array(error, dtype=np.float64)
    seconds = np.linspace(5, 1, error.shape[1]) if seconds is None else np.array(seconds, dtype=np.float64)
    arrays = {name: np.array(values) for name, values in evaluations.items()}
    header = {"provenance": PROVENANCE.to_json(), "cpu_seconds": 1.0, "peak_memory_mb": 1.0, "evaluations": [*arrays]}
    return CellResult(header, {"error": error, "loss": -error, "seconds": seconds, **arrays})


def make_run(errors, **changes):
    """The record of a run whose arms have the errors, `[S, N]`, or results; as many steps are planned as most have."""
    results = {label: one if isinstance(one, CellResult) else make_result(one) for label, one in errors.items()}
    shapes = [one.arrays["error"].shape for one in results.values()]
    arms = {label: ARMS.get(label, ARMS["tpo"]) for label in errors}
    usual = {"seeds": max(seeds for seeds, _ in shapes), "steps": max(steps for _, steps in shapes)}
    planned = make_plan(**{"arms": arms, **usual, **changes})
    cells = {label: cell for (_, label), (cell,) in planned.cells.items()}
    return record_from(planned, {cells[label].digest: one for label, one in results.items()})


def write_earlier_run(folder, errors, *, steps=None, **changes):
    """A run with these errors as an earlier version of tpo stored it, whose arms had no gate."""
    steps = max(np.shape(error)[1] for error in errors.values()) if steps is None else steps
    seeds = list(range(max(np.shape(error)[0] for error in errors.values())))
    arm = {"algorithm": "tpo", "grouping": "token", "options": {}, "epochs": 1, "batch_size": 4, "group_size": 2}
    arm |= {"learning_rate": 0.001, "optimizer": "muon"}
    arms = {label: arm | {"algorithm": label} for label in errors}
    options = {"vocab_size": 2, "length": 2, "target": "reverse-copy", "reward": "bag-of-tokens"}
    spec = {"task": "token-reversal", "options": options, "arms": arms, "seeds": seeds, "steps": steps}
    document = {
        "format": 1,
        "completed": True,
        "spec": spec | {"backend": "torch", "device": None, "dtype": "float32"},
        "numbers": 2,
        "provenance": PROVENANCE.to_json(),
        "also": [],
        "cost": {"wall_seconds": 1.0, "cpu_seconds": 2.0, "peak_memory_mb": 3.0},
        "arms": {
            label: {"error": error, "loss": error, "seconds": np.linspace(5, 1, np.shape(error)[1]).tolist()}
            for label, error in errors.items()
        },
    }
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "result.json").write_text(json.dumps(document | changes))
    return document


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
