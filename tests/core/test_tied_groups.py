"""A tied group whose policy has not moved has weights of exactly 0, bit for bit."""

import numpy as np
import pytest

import tpo
from tpo.plugins import registry
from tpo.testing.golden import families

GROUPS = 2000


def weights_of_tied_groups(log_probs, scores, mask=None):
    return tpo.candidate_weights(tpo.target(log_probs, scores, 0.3, mask=mask), log_probs, mask=mask)


def tied(size, dtype):
    """Log-probs of every family, scores that are equal in each group but not 0."""
    rng = np.random.default_rng(size)
    log_probs = np.concatenate(list(families.log_prob_families(rng, GROUPS, size, dtype).values()))
    scores = np.broadcast_to(rng.choice(families.CONSTANTS, (len(log_probs), 1)), log_probs.shape)
    return log_probs, scores.astype(dtype)


def test_eagerly(backend):
    log_probs, scores = tied(8, "float32")
    weights = weights_of_tied_groups(backend.array(log_probs, "float32"), backend.array(scores, "float32"))
    assert not backend.numpy(weights).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [3, 17, 64])
def test_for_every_group_size(backend, size, dtype):
    log_probs, scores = tied(size, dtype)
    compute = backend.compile(weights_of_tied_groups)
    weights = compute(backend.array(log_probs, dtype), backend.array(scores, dtype))
    assert not backend.numpy(weights).any()


@pytest.mark.parametrize("compiled", [tpo.target, tpo.candidate_weights])
def test_with_only_one_of_the_two_compiled(compiled):
    jax = registry.backend("jax")
    log_probs, scores = (jax.asarray(values) for values in tied(8, "float32"))
    functions = {tpo.target: tpo.target, tpo.candidate_weights: tpo.candidate_weights}
    functions[compiled] = jax.compile(compiled)
    weights = functions[tpo.candidate_weights](functions[tpo.target](log_probs, scores), log_probs)
    assert not jax.to_numpy(weights).any()


def test_with_masked_slots(backend):
    log_probs, scores = tied(8, "float64")
    mask = np.random.default_rng(0).random(log_probs.shape) < 0.6
    arrays = [backend.array(log_probs), backend.array(np.where(mask, scores, 1e3))]
    weights = backend.compile(weights_of_tied_groups)(*arrays, backend.array(mask, "bool"))
    assert not backend.numpy(weights).any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_in_half_precision(autodiff, dtype):
    log_probs, scores = tied(8, "float32")
    log_probs, scores = autodiff.asarray(log_probs, dtype=dtype), autodiff.asarray(scores / 1e4, dtype=dtype)
    weights = autodiff.compile(weights_of_tied_groups)(log_probs, scores)
    assert weights.dtype == log_probs.dtype
    assert not bool(autodiff.namespace().any(weights != 0))


def test_the_target_is_then_the_old_policy(backend):
    log_probs, scores = tied(8, "float64")
    q = backend.numpy(backend.compile(tpo.target)(backend.array(log_probs), backend.array(scores)))
    masses = np.exp(log_probs - log_probs.max(-1, keepdims=True))
    np.testing.assert_allclose(q, masses / masses.sum(-1, keepdims=True), rtol=0, atol=1e-15)
