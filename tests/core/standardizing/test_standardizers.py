"""Standardizers as values, in both tiers and every library."""

import mpmath
import numpy as np
import pytest

import tpo
from tpo.core.standardizing.standardizer import Standardizer
from tpo.plugins import registry
from tpo.testing.golden import families

SCORES = np.asarray([[3.0, 1.0, 2.0, 6.0], [0.0, 0.01, 0.0, 0.01], [5.0, 5.0, 5.0, 5.0]])
ROOT = np.sqrt(3.5)
# Means 3, .005 and 5; deviations sqrt(3.5), .005 and 0.
Z = np.asarray([[0, -2 / ROOT, -1 / ROOT, 3 / ROOT], [-1, 1, -1, 1], [0, 0, 0, 0]])
CENTRED = np.asarray([[0, -2, -1, 3], [-0.005, 0.005, -0.005, 0.005], [0, 0, 0, 0]])
CASES = [
    (tpo.ZScore(), Z),
    (tpo.ZScore(tolerance=0.01), Z * [[1], [0], [0]]),
    (tpo.ZScore(tolerance=0.009), Z),
    (tpo.ZScore(floor=0.1), [Z[0], CENTRED[1] / 0.1, Z[2]]),
    (tpo.ZScore(floor=2.0), CENTRED / 2),
    (tpo.Centred(), CENTRED),
    (tpo.LeaveOneOut(), CENTRED * 4 / 3),
    (tpo.BatchZScore(), (SCORES - SCORES.mean()) / SCORES.std()),
    (tpo.BatchZScore(centre_groups=True), CENTRED / CENTRED.std()),
    (tpo.BatchZScore(axes=(-1,)), Z),
    (tpo.MeanScaled(), CENTRED / [[3], [0.005], [5]]),
    (tpo.Ranks(), np.asarray([[1, -3, -1, 3], [-2, 2, -2, 2], [0, 0, 0, 0]]) * 2 / 3),
]
every_case = pytest.mark.parametrize(("standardizer", "expected"), CASES, ids=lambda case: str(case)[:40])
every_tier = pytest.mark.parametrize("precision", ["exact", "fast"])
VALUES = [standardizer for standardizer, _ in CASES]


@every_case
@every_tier
def test_by_hand(backend, standardizer, expected, precision):
    found = tpo.standardize(backend.array(SCORES), standardizer=standardizer, precision=precision)
    np.testing.assert_allclose(backend.numpy(found), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("standardizer", VALUES, ids=str)
def test_the_exact_tier_has_the_same_bits_everywhere(backend, standardizer):
    _, scores, *_ = families.groups(7, "float64", 1, seed=4)
    scores = scores[: len(scores) // 5 * 5].reshape(5, -1, 7)[:, :6]
    ours = tpo.standardize(backend.array(scores), standardizer=standardizer)
    reference = tpo.standardize(scores, standardizer=standardizer)
    np.testing.assert_array_equal(backend.numpy(ours) + 0.0, reference + 0.0)


@pytest.mark.parametrize("name", ["jax", "mlx"])
@pytest.mark.parametrize("standardizer", [tpo.MeanScaled(), tpo.Ranks()], ids=str)
def test_targets_have_them_too_compiled_and_masked(name, standardizer):
    backend = registry.backend(name)

    def target(log_probs, scores, mask):
        return tpo.target(log_probs, scores, 0.3, mask=mask, standardizer=standardizer)

    log_probs, scores, *_ = families.groups(17, "float32", 1, seed=4)
    arrays = log_probs, scores, np.random.default_rng(0).random(scores.shape) < 0.8
    ours = (backend.compile(target) if name == "jax" else target)(*map(backend.asarray, arrays))
    np.testing.assert_array_equal(backend.to_numpy(ours), target(*arrays))


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize(("standardizer", "divisor"), [(tpo.Centred(), 9), (tpo.LeaveOneOut(), 8)], ids=str)
def test_differences_are_exact_to_the_last_place(standardizer, divisor, scale):
    scores = (np.random.default_rng(0).normal(size=(50, 9)) * scale + 1e3 * scale).astype(np.float32)
    found = tpo.standardize(scores, standardizer=standardizer)
    with mpmath.mp.workdps(50):
        for group, values in zip(scores, found, strict=True):
            exact = [mpmath.mpf(float(x)) for x in group]
            for x, value in zip(exact, values, strict=True):
                true = (9 * x - mpmath.fsum(exact)) / divisor
                assert abs(mpmath.mpf(float(value)) - true) <= 0.51 * np.spacing(np.float32(abs(true)))


def test_a_floor_far_above_or_below_the_scores():
    scores = np.asarray([[1e-35, 0.0], [1e30, 0.0]], np.float32)
    found = tpo.standardize(scores, standardizer=tpo.ZScore(floor=0.5))
    np.testing.assert_allclose(found, [[1e-35, -1e-35], [1, -1]], rtol=1e-7)


@every_tier
def test_masked_slots_count_for_nothing(backend, precision):
    wide = np.concatenate([SCORES, np.full((3, 2), np.nan)], axis=1)
    mask = np.isfinite(wide)
    for standardizer, expected in CASES:
        found = tpo.standardize(
            backend.array(wide), mask=backend.array(mask, "bool"), standardizer=standardizer, precision=precision
        )
        np.testing.assert_allclose(backend.numpy(found)[:, :4], expected, rtol=1e-13, atol=1e-16)
        assert not backend.numpy(found)[:, 4:].any()


def test_leave_one_out_of_one_is_0():
    assert tpo.standardize(np.asarray([[7.0]]), standardizer=tpo.LeaveOneOut()).tolist() == [[0.0]]


def test_seeds_are_apart_in_a_batch():
    scores = np.random.default_rng(1).normal(size=(2, 3, 4))
    found = tpo.standardize(scores, standardizer=tpo.BatchZScore())
    for seed in range(2):
        alone = tpo.standardize(scores[seed].reshape(-1)).reshape(3, 4)
        np.testing.assert_array_equal(found[seed], alone)


def test_axes_in_any_place_come_back_to_it():
    scores = np.random.default_rng(2).normal(size=(2, 3, 4))
    found = tpo.standardize(scores, standardizer=tpo.BatchZScore(axes=(-3, -1)))
    for middle in range(3):
        expected = tpo.standardize(scores[:, middle].reshape(-1)).reshape(2, 4)
        np.testing.assert_array_equal(found[:, middle], expected)


def test_the_target_is_tilted_by_what_the_standardizer_says(backend):
    log_probs = np.log([[0.1, 0.2, 0.3, 0.4]])
    q = tpo.target(backend.array(log_probs), backend.array(SCORES[:1]), 2.0, standardizer=tpo.Centred())
    expected = np.exp(log_probs + CENTRED[:1] / 2)
    np.testing.assert_allclose(backend.numpy(q), expected / expected.sum(), rtol=1e-14)


class Signs(Standardizer):
    """A third party's standardizer, with the plain formula only."""

    def fast(self, xp, scores, mask):
        del mask
        return xp.sign(scores - xp.mean(scores, axis=-1, keepdims=True))


@every_tier
def test_somebody_elses_needs_the_plain_formula_only(backend, precision):
    found = tpo.standardize(backend.array(SCORES), standardizer=Signs(), precision=precision)
    np.testing.assert_array_equal(backend.numpy(found), np.sign(CENTRED))


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["tolerance", "floor"])
def test_a_bad_option_is_refused(name, value):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.ZScore(**{name: value})
    assert str(caught.value) == f"`{name}` must be at least 0 and finite; got {value}. 0 switches it off."


@pytest.mark.parametrize("axes", [(-2,), (-1, 0), (-1, -1)])
def test_bad_axes_are_refused(axes):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.BatchZScore(axes=axes)
    text = f"`axes` must be different negative numbers, -1 among them; got {axes}. (-2, -1) is a batch of groups."
    assert str(caught.value) == text


@every_tier
def test_a_batch_needs_its_axes(precision):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.standardize(np.zeros(3), standardizer=tpo.BatchZScore(), precision=precision)
    text = "`scores` must have the axes (-2, -1); got the shape (3,). Stack the groups of a batch, or use ZScore()."
    assert str(caught.value) == text
