"""Confidence intervals, against counts by hand, quantiles by mpmath, and the shares of draws that they cover."""

import math

import mpmath
import numpy as np
import pytest

from tpo.experiments.analysis.intervals import QUANTILES, TAIL, Mean, of_difference, of_mean, of_median


@pytest.mark.parametrize(("count", "rank"), [(6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (30, 10)])
def test_the_interval_is_that_of_the_sign_test(count, rank):
    numbers = np.random.default_rng(0).permutation(count).astype(float)
    assert of_median(numbers.tolist()) == (rank - 1, count - rank)


@pytest.mark.parametrize("count", range(6))
def test_few_seeds_have_no_interval(count):
    assert of_median([1.0] * count) is None


def test_the_interval_has_the_median_in_it_as_often_as_it_says():
    draws = np.random.default_rng(1).standard_cauchy((4000, 10))
    found = [of_median(row.tolist()) for row in draws]
    share = np.mean([interval.low <= 0 <= interval.high for interval in found])
    exact = 1 - 2 * (1 + 10) / 2**10
    assert share == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 4000))


def test_many_seeds_have_the_interval_of_the_normal_approximation():
    interval = of_median(list(range(30_000)))
    assert interval.low == pytest.approx(15_000 - 1.96 * math.sqrt(30_000) / 2, abs=2)
    assert interval.low + interval.high == 29_999


@pytest.mark.parametrize(("freedom", "quantile"), QUANTILES.items())
def test_quantiles_are_those_of_student(freedom, quantile):
    below = mpmath.betainc(freedom / 2, 0.5, 0, freedom / (freedom + mpmath.mpf(quantile) ** 2), regularized=True) / 2
    assert float(below) == pytest.approx(TAIL, rel=2e-3)


def test_the_interval_of_a_mean_is_that_of_student():
    interval = of_mean([1.0, 2.0, 6.0])
    assert (interval.low + interval.high) / 2 == pytest.approx(3)
    assert (interval.high - interval.low) / 2 == pytest.approx(4.303 * math.sqrt(7 / 3))


@pytest.mark.parametrize("numbers", [[], [1.0], [1.0, math.inf, 2.0]])
def test_a_mean_without_a_spread_has_no_interval(numbers):
    assert of_mean(numbers) is None


def test_the_interval_of_a_difference_is_that_of_welch():
    """Standard errors 3 and 4 of 3 and 5 seeds: 625 / (81 / 2 + 256 / 4) = 5.98 degrees of freedom; 5 are known."""
    interval = of_difference(Mean(10.0, 3.0, 3), Mean(4.0, 4.0, 5))
    assert interval == pytest.approx((6 - 2.571 * 5, 6 + 2.571 * 5))


@pytest.mark.parametrize("scale", [1e-90, 1e-81, 1, 1e90])
def test_the_interval_of_a_difference_scales_with_its_errors(scale):
    interval = of_difference(Mean(0.0, 3.0 * scale, 2), Mean(0.0, 4.0 * scale, 2))
    assert interval == pytest.approx((-12.706 * 5 * scale, 12.706 * 5 * scale))


def test_means_without_a_spread_differ_by_their_difference():
    assert of_difference(Mean(3.0, 0.0, 2), Mean(1.0, 0.0, 2)) == (2, 2)


@pytest.mark.parametrize("count", [2, 3, 5, 20])
def test_intervals_of_means_cover_normal_means_as_often_as_they_say(count):
    draws = np.random.default_rng(2).standard_normal((2, 4000, count)) * np.array([1.0, 3.0])[:, None, None]
    paired = [of_mean((one - other).tolist()) for one, other in zip(*draws, strict=True)]
    means = [[Mean(row.mean(), row.std(ddof=1) / math.sqrt(count), count) for row in rows] for rows in draws]
    welch = [of_difference(one, other) for one, other in zip(*means, strict=True)]
    noise = 4 * math.sqrt(0.95 * 0.05 / 4000)
    for found in (paired, welch):
        share = np.mean([interval.low <= 0 <= interval.high for interval in found])
        assert share > 0.95 - noise
    assert np.mean([interval.low <= 0 <= interval.high for interval in paired]) < 0.95 + noise
