"""Ties that a computed deviation misses, and scores whose squares overflow or vanish."""

import numpy as np
import pytest

import tpo
from tests.libraries import ADAPTED, Library

TIED = {3: [0.1, 0.2, 0.7, 1 / 3, 1e8 + 0.1, 1e38], 5: [123.456, -1e8 - 0.1, 1e-38, 5e-324], 10: [0.3, 1e-3, -0.6]}
ROOT = np.sqrt(1.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", TIED)
def test_a_tied_group_gives_exactly_zero(backend, size, dtype):
    scores = np.repeat(np.asarray(TIED[size])[:, None], size, axis=1)
    u = backend.numpy(backend.compile(tpo.standardize)(backend.array(scores, dtype)))
    np.testing.assert_array_equal(u, np.zeros_like(scores))


def test_scores_one_unit_in_the_last_place_apart_are_not_tied(backend):
    u = backend.numpy(backend.compile(tpo.standardize)(backend.array([[0.3, 0.1 + 0.2], [0.0, -0.0]])))
    np.testing.assert_array_equal(u, [[-1, 1], [0, 0]])


@pytest.mark.parametrize(
    ("dtype", "scales"),
    [("float32", [1e-36, 1e-30, 1e-7, 1e30, 3.4e38]), ("float64", [1e-306, 1e-200, 1e-7, 1e200, 1.79e308])],
)
def test_squares_may_overflow_and_vanish(backend, dtype, scales):
    scores = np.asarray(scales)[:, None] * [1.0, -1.0, 0.0]
    u = backend.numpy(backend.compile(tpo.standardize)(backend.array(scores, dtype)))
    np.testing.assert_allclose(u, 5 * [[ROOT, -ROOT, 0.0]], rtol=0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_rewards_are_no_noise(backend, dtype):
    u = backend.numpy(tpo.standardize(backend.array(5 * [[1e-7, 0, 0]], dtype)))
    np.testing.assert_allclose(u[0], [np.sqrt(2), -np.sqrt(0.5), -np.sqrt(0.5)], rtol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ADAPTED)
def test_half_precision_is_computed_in_float32(name):
    backend = Library(name)
    scores = np.asarray([1000.0, -1000.0, 500.0])
    u = backend.compile(tpo.standardize)(backend.array(scores, "float16"))
    assert u.dtype == backend.xp.float16
    exact = (scores - scores.mean()) / scores.std()
    np.testing.assert_array_equal(backend.numpy(u), exact.astype(np.float16))


def test_bfloat16_is_computed_in_float32(autodiff):
    xp = autodiff.namespace()
    u = tpo.standardize(autodiff.asarray([1000.0, -1000.0, 500.0], dtype="bfloat16"))
    assert u.dtype == xp.bfloat16
    # 0.98058, -1.37281 and 0.39223 to 8 significant bits, as are the scores.
    np.testing.assert_array_equal(autodiff.to_numpy(xp.astype(u, xp.float32)), [0.98046875, -1.375, 0.392578125])


def test_a_nan_score_makes_only_its_own_group_nan(backend):
    scores = backend.array([[1.0, float("nan"), 0.0, 1.0], [1.0, 0.0, 0.0, 1.0], 4 * [0.1], 4 * [float("nan")]])
    u = backend.numpy(tpo.standardize(scores))
    assert np.isnan(u[[0, 3]]).all()
    np.testing.assert_array_equal(u[1:3], [[1, -1, -1, 1], [0, 0, 0, 0]])


@pytest.mark.parametrize("precision", ["exact", "fast"])
@pytest.mark.parametrize("standardizer", [tpo.Centred(), tpo.LeaveOneOut()], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_deviations_beyond_the_range_are_cut_off(dtype, standardizer, precision):
    """They had been infinite in the exact tier, and their target NaN."""
    end = float(np.finfo(dtype).max)
    scores = np.asarray([[end, -end, -end, -end], [end, end, end, -end], [1.0, 0.0, 0.0, 1.0]], dtype)
    options = {"standardizer": standardizer, "precision": precision}
    u = tpo.standardize(scores, **options)
    assert np.isfinite(u).all()
    np.testing.assert_array_equal(np.sign(u[:2]), [[1, -1, -1, -1], [1, 1, 1, -1]])
    q = tpo.target(np.zeros((3, 4), dtype), scores, **options)
    np.testing.assert_allclose(q[:2], [[1, 0, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0]], rtol=1e-6)
