"""The same seed gives the same run on every backend."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.helpers import Driver
from tpo.plugins import registry
from tpo_tasks.sequences import TokenReversal

TASK = TokenReversal(vocab_size=2, length=10)


@pytest.mark.parametrize("algorithm", ["tpo", "ppo"])
def test_backends_sample_the_same_candidates_and_end_with_the_same_parameters(algorithm):
    arm = replace(TASK.arms[algorithm], optimizer="adam", batch_size=20)
    runs = [Driver(TASK, arm, registry.backend(name)) for name in ("jax", "torch")]
    for step in range(20):
        (ours, metrics), (theirs, other) = (run.advance(step) for run in runs)
        np.testing.assert_array_equal(ours, theirs)
        np.testing.assert_allclose(np.asarray(metrics.error), other.error.numpy(), rtol=0, atol=1e-12)
    ours, theirs = (run.params() for run in runs)
    start = Driver(TASK, arm, registry.backend("torch")).params()
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-9, err_msg=name)
    assert max(np.abs(values - start[name]).max() for name, values in ours.items()) > 1e-2


def test_muon_runs_agree_over_the_first_steps():
    arm = replace(TASK.arms["tpo"], batch_size=20)
    runs = [Driver(TASK, arm, registry.backend(name)) for name in ("jax", "torch")]
    for step in range(5):
        (ours, _), (theirs, _) = (run.advance(step) for run in runs)
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = (run.params() for run in runs)
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_seed_does_not_depend_on_the_seeds_beside_it(backend):
    arm = replace(TASK.arms["tpo"], batch_size=10)
    together = Driver(TASK, arm, registry.backend(backend), seeds=(0, 1, 2))
    first = Driver(TASK, arm, registry.backend(backend))
    alone = [first.restarted(seed) for seed in (0, 1, 2)]
    for step in range(3):
        candidates, metrics = together.advance(step)
        singles = [run.advance(step) for run in alone]
        np.testing.assert_array_equal(candidates, np.concatenate([c for c, _ in singles]))
        errors = np.concatenate([np.asarray(m.error) for _, m in singles])
        np.testing.assert_allclose(np.asarray(metrics.error), errors, rtol=0, atol=1e-12)
    for name, values in together.params().items():
        single = np.concatenate([run.params()[name] for run in alone])
        np.testing.assert_allclose(values, single, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_run_repeats_bit_for_bit(backend):
    arm = replace(TASK.arms["tpo"], batch_size=10)
    first = Driver(TASK, arm, registry.backend(backend), dtype="float32")
    second = first.restarted(0)
    for step in range(3):
        first.advance(step)
        second.advance(step)
    for name, values in first.params().items():
        np.testing.assert_array_equal(values, second.params()[name])
