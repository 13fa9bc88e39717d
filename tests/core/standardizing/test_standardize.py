"""Standardized scores against values worked by hand."""

import math

import jax
import numpy as np
import pytest

import tpo

SCORES = [[1, 0, 0, 1], [1, 0, 0, 0], [1, 2, 3, 4], [5, 5, 5, 5]]
EXPECTED = np.asarray(
    [
        [1, -1, -1, 1],
        [math.sqrt(3), -1 / math.sqrt(3), -1 / math.sqrt(3), -1 / math.sqrt(3)],
        [-3 / math.sqrt(5), -1 / math.sqrt(5), 1 / math.sqrt(5), 3 / math.sqrt(5)],
        [0, 0, 0, 0],
    ]
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_is_the_z_score_with_the_population_deviation(backend, dtype):
    u = tpo.standardize(backend.array(SCORES, dtype))
    assert u.dtype == getattr(backend.xp, dtype)
    np.testing.assert_allclose(backend.numpy(u), EXPECTED, rtol=0, atol=2 * np.finfo(dtype).eps)


def test_a_one_hot_group_of_ten_has_the_papers_values(backend):
    u = backend.numpy(backend.compile(tpo.standardize)(backend.array([1] + 9 * [0])))
    np.testing.assert_allclose(u, [3] + 9 * [-1 / 3], rtol=1e-15)


def test_a_group_of_one_is_zero():
    np.testing.assert_array_equal(tpo.standardize(np.asarray([[5.0], [-1e300]])), [[0.0], [0.0]])


def test_each_group_stands_alone_whatever_the_leading_axes(backend):
    u = tpo.standardize(backend.array(np.reshape(SCORES, (2, 2, 4))))
    np.testing.assert_allclose(backend.numpy(u), EXPECTED.reshape(2, 2, 4), rtol=0, atol=5e-16)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integers_and_booleans_become_the_default_floating_dtype(backend, dtype):
    u = tpo.standardize(backend.array(np.asarray(SCORES) == 1, dtype))
    assert u.dtype == backend.xp.asarray(0.5).dtype
    np.testing.assert_allclose(backend.numpy(u[:2, :]), EXPECTED[:2], rtol=0, atol=3e-7)


@pytest.mark.parametrize("offset", [1e8, -1e15])
def test_a_large_common_offset_costs_no_digits(backend, offset):
    u = tpo.standardize(backend.array(offset + np.asarray(SCORES)))
    np.testing.assert_array_equal(backend.numpy(u), backend.numpy(tpo.standardize(backend.array(SCORES))))


def test_without_its_switch_jax_computes_in_float32():
    u = tpo.standardize(jax.numpy.asarray(SCORES))
    assert u.dtype == jax.numpy.float32
    np.testing.assert_allclose(u, EXPECTED, rtol=0, atol=3e-7)


def test_the_fast_tier_divides_deviations_and_not_the_larger_offsets(backend):
    scores = np.random.default_rng(0).normal(size=(4000, 64))
    exact, fast = (
        backend.numpy(tpo.standardize(backend.array(scores), precision=precision)) for precision in ("exact", "fast")
    )
    far = abs(exact) > 1
    errors = abs(fast - exact)[far] / abs(exact)[far] / np.finfo(exact.dtype).eps
    # Offsets to the lowest score are larger than deviations from the mean: with their quotients rounded it was 4.0 and
    # .74. Sums over vectors of another width round differently: .66 to .69.
    assert errors.max() <= 3.4
    assert np.sqrt((errors**2).mean()) <= 0.71
