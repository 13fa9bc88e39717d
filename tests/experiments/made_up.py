"""Specs, curves and trainings that cost nothing."""

from __future__ import annotations

import numpy as np

from tpo.arms import Arm
from tpo.experiments.provenance import Provenance
from tpo.experiments.result import Curves, Result
from tpo.experiments.spec import RunSpec
from tpo.training import Metrics, StepResult

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


def make_step(step, seeds=2):
    """The step's error is `1 / (step + 1)`, its loss the step's number, its time a quarter of a second."""
    error = np.full(seeds, 1 / (step + 1), dtype=np.float32)
    return StepResult(step, Metrics(error, np.full(seeds, float(step), dtype=np.float32)), 0.25)


def fake_train(task, arm, backend, *, seeds, steps, dtype="float32"):
    """What `tpo.train` yields, without training."""
    del task, arm, backend, dtype
    for step in range(steps):
        yield make_step(step, len(seeds))
