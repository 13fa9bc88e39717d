"""Token TPO solves token reversal within 100 steps, over seeds."""

import numpy as np
import pytest

from tpo import train
from tpo.plugins import registry

SEEDS = range(5)
NEEDED = 4


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_token_tpo_reaches_one_percent_within_100_steps(backend):
    task = registry.task("token-reversal")(vocab_size=2, length=10)
    results = train(task, task.arms["tpo"], registry.backend(backend), seeds=SEEDS, steps=100)
    errors = np.stack([result.metrics.error for result in results])
    assert errors.shape == (100, len(SEEDS))
    np.testing.assert_allclose(errors[0], 0.5, atol=0.1)
    assert (errors.min(axis=0) <= 0.01).sum() >= NEEDED
