"""The first step of every registered task against golden numbers, for every version of every library."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tpo.plugins import registry
from tpo.training.trainer import Training

SEEDS = (0, 1)
SMALL = {"batch_size": 8, "group_size": 3, "optimizer": "muon"}
TOLERANCE = 1e-11
CASES = {
    "token-reversal of sequences": ("token-reversal", {"length": 2}, SMALL | {"grouping": "sequence"}),
    "token-reversal of tokens": ("token-reversal", {"length": 2}, SMALL | {"grouping": "token"}),
    "mnist": ("mnist", {"dataset": "made-up"}, SMALL),
    "single-context-bandit": ("single-context-bandit", {}, {}),
    "multi-context-bandit": ("multi-context-bandit", {}, {}),
    "cart-pole": ("cart-pole", {"steps": 20}, SMALL),
    "knapsack": ("knapsack", {"items": 4}, SMALL),
    "rlvr-words": ("rlvr-words", {"supervised_steps": 0}, SMALL | {"optimizer": "adam"}),
}
"""Cases by name: a task, its options, and changes to TPO's arm."""

NO_LOSS = [math.nan, math.nan]
UNIFORM = [math.log(3)] * 2
"""The loss at the old policy under the anchor `ratio`, whatever the scores."""

EXPECTED = {
    "token-reversal of sequences": ([9 / 16, 17 / 24], [1.246347513681648, 1.067664178836367], 0.6216053579548588),
    "token-reversal of tokens": ([1 / 2, 11 / 16], [1.238979792749832, 1.092543581576207], 0.680677251502490),
    "mnist": ([7 / 8, 7 / 8], [2.195479746732912, 2.273498937381959], 0.020573636763859),
    "single-context-bandit": ([0.99, 0.99], NO_LOSS, 0.1 * math.sqrt(2)),
    "multi-context-bandit": ([0.8932491910196877, 0.8907750075015183], NO_LOSS, 0.1 * math.sqrt(2)),
    "cart-pole": ([23 / 120, 7 / 60], UNIFORM, 0.17709981664369763),
    "knapsack": ([0.6316540224827095, 0.7476042207928377], UNIFORM, 0.16628844138455168),
    # Without supervision no answer is right, and groups without a success move nothing.
    "rlvr-words": ([1.0, 1.0], UNIFORM, 0.0),
}
"""Errors and losses of both seeds, and the total movement of their parameters. Tasks in closed form have no loss, and
move .1 per seed."""


def first_step(backend, case):
    name, options, changes = CASES[case]
    task = registry.task(name)(**options)
    training = Training(task, replace(task.arms["tpo"], **changes), backend, seeds=SEEDS, dtype="float64")
    before = training.snapshot()
    (step,) = training.until(1)
    moved = [values - before[path] for path, values in training.snapshot().items() if path.startswith("/0/")]
    return [*step.metrics.error, *step.metrics.loss, np.sqrt(sum((values**2).sum() for values in moved))]


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("case", CASES)
def test_the_first_step(backend, case):
    errors, losses, moved = EXPECTED[case]
    expected = pytest.approx([*errors, *losses, moved], rel=TOLERANCE, nan_ok=True)
    assert first_step(registry.backend(backend), case) == expected


def test_every_registered_task_is_here():
    assert {name for name, _, _ in CASES.values()} == set(registry.host().tasks())
