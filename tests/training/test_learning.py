"""Token TPO solves token reversal within 70 steps, over seeds: ten seeds on JAX took 38 to 52."""

import numpy as np
import pytest

from tpo import train
from tpo.plugins import registry

SEEDS = range(4)
NEEDED = 3
STEPS = 70


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", pytest.param("torch", marks=pytest.mark.exhaustive)])
def test_token_tpo_reaches_one_percent_within_70_steps(backend):
    task = registry.task("token-reversal")(vocab_size=2, length=10)
    results = train(task, task.arms["tpo"], registry.backend(backend), seeds=SEEDS, steps=STEPS)
    errors = np.stack([result.metrics.error for result in results])
    assert errors.shape == (STEPS, len(SEEDS))
    np.testing.assert_allclose(errors[0], 0.5, atol=0.1)
    assert (errors.min(axis=0) <= 0.01).sum() >= NEEDED
