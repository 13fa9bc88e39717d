"""Metrics of a step besides its error and its loss."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.helpers import Driver
from tpo.plugins import registry
from tpo_tasks.sequences import TokenReversal


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_gradient_norm_is_that_of_the_first_epochs_gradient(backend):
    task = TokenReversal(length=3)
    arm = replace(task.arms["tpo"], optimizer="sgd", learning_rate=1.0, epochs=1, batch_size=8)
    run = Driver(task, arm, registry.backend(backend), seeds=(0, 1))
    before = run.params()
    _, metrics = run.advance(0)
    after = run.params()
    moved = sum(((after[name] - before[name]) ** 2).reshape(2, -1).sum(1) for name in before)
    np.testing.assert_allclose(np.asarray(metrics.more["gradient_norm"]), np.sqrt(moved), rtol=1e-10)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_failed_groups_are_those_without_any_success(backend):
    task = TokenReversal(length=4, reward="terminal")
    arm = replace(task.arms["tpo"], group_size=3, batch_size=200, epochs=1)
    run = Driver(task, arm, registry.backend(backend), seeds=(0, 1))
    with run.backend.precision("float64"):
        scores = run.backend.to_numpy(run.step.rollout(run.state.params, run.inputs(0)).scores)
    _, metrics = run.advance(0)
    expected = (scores.max(-1) == 0).mean(1)
    np.testing.assert_allclose(np.asarray(metrics.more["failed_groups"]), expected, atol=1e-12)
    assert (expected > 0.6).all()
    assert (expected < 0.95).all()
