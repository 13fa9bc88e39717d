"""Scores in units of their group's mean."""

import mpmath
import numpy as np
import pytest

import tpo
from tests.core.algorithms import run

every_tier = pytest.mark.parametrize("precision", ["exact", "fast"])
UNIFORM = np.log(np.full((1, 4), 0.25))


@every_tier
@pytest.mark.parametrize(
    "scores", [[0, 0, 0, 0], [-1, -2, -3, -1], [1, -1, 0, 0], [3, -1, -1, -1], [2, -5, 1, 1], [0.1, 0.1, 0.1, 0.1]]
)
def test_it_is_exactly_0_where_the_mean_is_not_positive_or_scores_are_tied(backend, scores, precision):
    found = tpo.standardize(backend.array([scores]), standardizer=tpo.MeanScaled(), precision=precision)
    assert not backend.numpy(found).any()


@every_tier
def test_rare_successes_weigh_more(backend, precision):
    scores = backend.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]])
    found = tpo.standardize(scores, standardizer=tpo.MeanScaled(), precision=precision)
    expected = [[3, -1, -1, -1], [1, 1, -1, -1], [1 / 3, 1 / 3, 1 / 3, -1]]
    np.testing.assert_allclose(backend.numpy(found), expected, rtol=1e-15)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30, 3e37])
def test_quotients_are_exact_to_the_last_place(scale):
    scores = (np.random.default_rng(0).random((50, 9)) * scale).astype(np.float32)
    found = tpo.standardize(scores, standardizer=tpo.MeanScaled())
    with mpmath.mp.workdps(50):
        for group, values in zip(scores, found, strict=True):
            exact = [mpmath.mpf(float(x)) for x in group]
            for x, value in zip(exact, values, strict=True):
                true = 9 * x / mpmath.fsum(exact) - 1
                assert abs(mpmath.mpf(float(value)) - true) <= 0.51 * np.spacing(np.float32(abs(true)))


@every_tier
@pytest.mark.parametrize(("dtype", "largest"), [("float32", 3.4e38), ("float64", 1.7e308)])
def test_scores_at_the_end_of_the_range(backend, dtype, largest, precision):
    scores = backend.array(np.asarray([[1, 0.5, 0, 0.5]]) * largest, dtype)
    found = backend.numpy(tpo.standardize(scores, standardizer=tpo.MeanScaled(), precision=precision))
    np.testing.assert_allclose(found, [[1, 0, -1, 0]], rtol=1e-6)


@every_tier
def test_nan_stays_visible_in_its_group_alone(backend, precision):
    scores = backend.array([[1.0, np.nan, 3.0], [1.0, 0.0, 2.0]])
    found = tpo.standardize(scores, standardizer=tpo.MeanScaled(), precision=precision)
    np.testing.assert_array_equal(backend.numpy(found), [[np.nan] * 3, [0.0, -1.0, 1.0]])


def test_a_shift_changes_it(backend):
    for shift, expected in ((0.0, [[3, -1, -1, -1]]), (1.0, [[0.6, -0.2, -0.2, -0.2]])):
        scores = backend.array(np.asarray([[1.0, 0, 0, 0]]) + shift)
        found = tpo.standardize(scores, standardizer=tpo.MeanScaled())
        np.testing.assert_allclose(backend.numpy(found), expected, rtol=1e-15)


def test_large_integers_are_not_shifted_before_the_mean_is_taken(backend):
    scores = backend.array([[2**40, 0, 2**41, 2**40]], "int64")
    q = backend.numpy(tpo.target(backend.array(UNIFORM, "float32"), scores, standardizer=tpo.MeanScaled()))
    tilt = np.exp([[0, -1, 1, 0]])
    np.testing.assert_allclose(q, tilt / tilt.sum(), rtol=1e-6)


def test_the_advantages_of_maxrl_are_the_same(backend):
    scores = np.random.default_rng(1).integers(0, 3, (20, 4)).astype(float)
    group = tpo.Group(scores=backend.array(scores), old_log_probs=backend.array(np.repeat(UNIFORM, 20, 0)))
    found = backend.numpy(tpo.MaxRL().prepare(group).advantages)[..., 0]
    expected = tpo.standardize(backend.array(scores), standardizer=tpo.MeanScaled(), precision="fast")
    np.testing.assert_array_equal(found, backend.numpy(expected))


def test_maxrl_bears_scores_at_the_end_of_the_range(backend):
    scores = backend.array(np.asarray([[1, 0.5, 0, 0.5]]) * 1.7e308)
    advantages = tpo.MaxRL().prepare(tpo.Group(scores=scores, old_log_probs=backend.array(UNIFORM))).advantages
    np.testing.assert_allclose(backend.numpy(advantages)[0, :, 0], [1, 0, -1, 0], atol=1e-15)


def test_the_temperatures_of_listwise_policy_optimization_are_three_standardizers(autodiff):
    """At the old policy the coefficients under the ratio anchor are `1/K - softmax(scores / tau)`."""
    scores = np.asarray([[1.0, 0.0, 0.0, 0.0]])
    for standardizer, tau in ((tpo.ZScore(), np.sqrt(3) / 4), (tpo.Centred(), 1.0), (tpo.MeanScaled(), 0.25)):
        algorithm = tpo.TPO(anchor="ratio", standardizer=standardizer, eta=2.0)
        q = np.exp(scores / (2 * tau))
        found = run(autodiff, algorithm, UNIFORM, scores=scores, old_log_probs=UNIFORM).gradient
        np.testing.assert_allclose(found, 0.25 - q / q.sum(), rtol=1e-13, atol=1e-15)
