"""Ranks instead of scores."""

from fractions import Fraction

import numpy as np
import pytest

import tpo

every_tier = pytest.mark.parametrize("precision", ["exact", "fast"])
INCREASING = {
    "affine": lambda x: 1e-3 * x + 7,
    "exp": np.exp,
    "cubic": lambda x: x**3 + x,
    "log": lambda x: np.log(x + 10),
    "huge": lambda x: x * 1e300,
}


def by_hand(scores, dtype):
    """The definition in whole numbers, rounded once."""
    others = max(len(scores) - 1, 1)
    return [dtype(Fraction(2 * int(sum(s < x for s in scores) - sum(s > x for s in scores)), others)) for x in scores]


@pytest.mark.parametrize(("dtype", "rounded"), [("float32", lambda x: np.float32(float(x))), ("float64", float)])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 129])
def test_they_are_the_scaled_mean_ranks_rounded_once(backend, size, dtype, rounded):
    scores = np.random.default_rng(size).integers(0, max(2, size // 2), (20, size)).astype(dtype)
    found = backend.numpy(tpo.standardize(backend.array(scores, dtype), standardizer=tpo.Ranks()))
    np.testing.assert_array_equal(found, [by_hand(group, rounded) for group in scores])


@every_tier
@pytest.mark.parametrize("increasing", INCREASING.values(), ids=INCREASING)
def test_an_increasing_function_of_the_scores_changes_no_bit(backend, increasing, precision):
    scores = np.random.default_rng(0).integers(-4, 5, (50, 8)) / 4
    found, expected = (
        backend.numpy(tpo.standardize(backend.array(each), standardizer=tpo.Ranks(), precision=precision))
        for each in (increasing(scores), scores)
    )
    np.testing.assert_array_equal(found, expected)
    assert np.ptp(expected, axis=-1).max() == 4


@every_tier
def test_tied_groups_and_groups_of_one_are_exactly_0(backend, precision):
    scores = backend.array(np.repeat([[0.1], [1e300], [-7.0], [0.0]], 5, axis=1))
    for each in (scores, scores[:, :1]):
        found = backend.numpy(tpo.standardize(each, standardizer=tpo.Ranks(), precision=precision))
        assert not found.any()


@every_tier
def test_masked_slots_have_no_rank(backend, precision):
    scores = backend.array([[3.0, np.nan, 1.0, 2.0, -9.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    mask = backend.array([[True, False, True, True, False], [False] * 5], "bool")
    found = tpo.standardize(scores, mask=mask, standardizer=tpo.Ranks(), precision=precision)
    np.testing.assert_array_equal(backend.numpy(found), [[2, 0, -2, 0, 0], [0, 0, 0, 0, 0]])


@every_tier
def test_nan_stays_visible_in_its_group_alone(backend, precision):
    scores = backend.array([[1.0, np.nan, 2.0], [1.0, 3.0, 2.0]])
    found = tpo.standardize(scores, standardizer=tpo.Ranks(), precision=precision)
    np.testing.assert_array_equal(backend.numpy(found), [[np.nan] * 3, [-2.0, 2.0, 0.0]])
    masked = tpo.standardize(scores, standardizer=tpo.Ranks(), nan="mask", precision=precision)
    np.testing.assert_array_equal(backend.numpy(masked), [[-2.0, 0.0, 2.0], [-2.0, 2.0, 0.0]])


def test_integers_and_booleans_have_ranks(backend):
    for scores, dtype in (([[2**62, -5, 2**62, 0]], "int64"), ([[True, False, True, False]], "bool")):
        found = backend.numpy(tpo.standardize(backend.array(scores, dtype), standardizer=tpo.Ranks()))
        expected = [[4 / 3, -2, 4 / 3, -2 / 3]] if dtype == "int64" else [[4 / 3, -4 / 3, 4 / 3, -4 / 3]]
        np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_of_half_precision_they_are_rounded_once(dtype):
    torch = pytest.importorskip("torch")
    scores = torch.tensor(np.random.default_rng(0).integers(0, 5, (30, 6)), dtype=getattr(torch, dtype))
    for precision in ("exact", "fast"):
        half, single = (
            tpo.standardize(each, standardizer=tpo.Ranks(), precision=precision) for each in (scores, scores.float())
        )
        assert half.dtype == scores.dtype
        assert torch.equal(half, single.to(scores.dtype))


def test_the_target_is_tilted_by_the_ranks_alone(backend):
    old = np.log([[0.1, 0.2, 0.3, 0.4]])
    q = backend.numpy(tpo.target(backend.array(old), backend.array([[1.0, 1e9, -3.0, 1.0]]), standardizer=tpo.Ranks()))
    expected = np.exp(old + np.asarray([[0, 2, -2, 0]]))
    np.testing.assert_allclose(q, expected / expected.sum(), rtol=1e-14)
