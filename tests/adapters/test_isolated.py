"""Exponentials round independently of the surrounding compiled code, also in JAX 0.12."""

import jax
import numpy as np
import pytest

import tpo
from tpo.plugins import registry

BACKEND = registry.backend("jax")


def gradient(log_probs, scores):
    """The gradient of TPO with the fast target, at the old log-probs."""
    algorithm = tpo.TPO(precision="fast")
    signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=log_probs))
    return jax.grad(lambda now: algorithm.loss(now, signal).value.sum())(log_probs)


@pytest.mark.parametrize("size", [5, 6, 8])
@pytest.mark.parametrize("transform", [jax.jit, lambda function: jax.jit(jax.vmap(function))], ids=["jit", "vmap"])
def test_a_tied_group_has_no_gradient(transform, size):
    rng = np.random.default_rng(1)
    log_probs = rng.normal(size=(400, size)) * rng.choice([1, 5, 30], size=(400, 1))
    given = [BACKEND.asarray(values, dtype="float32") for values in (log_probs, np.full((400, size), 0.1))]
    assert np.count_nonzero(transform(gradient)(*given)) == 0
