"""A tied group changes no parameter in the first epoch, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.helpers import Driver
from tpo.plugins import registry
from tpo_tasks import rewards, sequences

TASK = sequences.TokenReversal(vocab_size=2, length=5)


def no_reward(xp, taken, candidates):
    del taken
    return xp.zeros_like(candidates)


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("grouping", ["token", "sequence"])
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_tied_batch_moves_nothing_under_muon(monkeypatch, backend, grouping, dtype):
    monkeypatch.setitem(rewards.REWARDS, "bag-of-tokens", no_reward)
    arm = replace(TASK.arms["tpo"], grouping=grouping, epochs=1)
    run = Driver(TASK, arm, registry.backend(backend), seeds=(0, 1), dtype=dtype)
    before = run.params()
    run.advance(0)
    for name, values in run.params().items():
        np.testing.assert_array_equal(values, before[name], err_msg=name)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_an_untied_batch_moves_the_parameters(backend):
    run = Driver(TASK, replace(TASK.arms["tpo"], epochs=1), registry.backend(backend))
    before = run.params()
    run.advance(0)
    assert np.abs(run.params()["head.kernel"] - before["head.kernel"]).max() > 1e-4
