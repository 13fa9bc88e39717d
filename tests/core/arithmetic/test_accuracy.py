"""Standardized scores and targets of adversarial groups against 50 digits."""

import functools

import numpy as np
import pytest

import tpo
from tpo.plugins import registry
from tpo.testing.golden import families, oracle
from tpo.testing.golden.ulp import eps_errors

EACH = 4
SIZES = (2, 3, 8, 64)


@functools.cache
def exact(dtype, eta):
    """Log-probs, scores, names and true targets, by group size."""
    cases = {size: families.groups(size, dtype, EACH) for size in SIZES}
    return {size: (x, s, names, *oracle.target(x, s, eta)) for size, (x, s, names) in cases.items()}


@pytest.mark.parametrize("eta", [1.0, 1 / 3])
@pytest.mark.parametrize("size", [64, 128, 129])
def test_long_groups_are_as_accurate_where_a_library_adds_one_number_after_the_other(size, eta):
    mlx = registry.backend("mlx")
    log_probs, scores, names = families.groups(size, "float32", EACH)
    q = tpo.target(mlx.asarray(log_probs), mlx.asarray(scores), eta, precision="fast")
    worst = eps_errors(mlx.to_numpy(q), *oracle.target(log_probs, scores, eta)).max(-1)
    assert worst.max() <= 8, names[int(np.argmax(worst))]


@functools.cache
def exactly_standardized(dtype):
    """Scores and their true z-scores, by group size."""
    by_size = {size: families.score_families(np.random.default_rng(size), 10, size, dtype) for size in SIZES}
    scores = {size: np.concatenate(list(found.values())) for size, found in by_size.items()}
    return {size: (values, *oracle.standardize(values)) for size, values in scores.items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_standardized_score_is_off_by_more_than_16_eps(backend, dtype):
    for scores, high, low in exactly_standardized(dtype).values():
        u = backend.compile(tpo.standardize)(backend.array(scores, dtype))
        assert eps_errors(backend.numpy(u), high, low).max() <= 16


@pytest.mark.parametrize("eta", [1.0, 0.25])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_target_is_off_by_more_than_8_eps(backend, dtype, eta):
    compute = backend.compile(lambda x, s: tpo.target(x, s, eta))
    for log_probs, scores, names, high, low in exact(dtype, eta).values():
        q = backend.numpy(compute(backend.array(log_probs, dtype), backend.array(scores, dtype)))
        worst = eps_errors(q, high, low).max(-1)
        group = int(np.argmax(worst))
        assert worst[group] <= 8, (names[group], scores[group], log_probs[group])
        assert (q[np.isneginf(log_probs)] == 0).all()
