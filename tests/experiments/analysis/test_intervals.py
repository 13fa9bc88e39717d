"""Confidence intervals, against counts by hand, quantiles by mpmath, and the shares of draws that they cover."""

import math

import mpmath
import numpy as np
import pytest

from tpo.experiments.analysis.intervals import TAIL, Mean, of_difference, of_mean, of_median, student_quantile


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


@pytest.mark.parametrize("freedom", [1, 1 + 1e-9, 1.5, 2, 2.24, 3, 5.98, 10, 19, 120, 9999.5, 1e5])
def test_quantiles_are_those_of_student(freedom):
    square = mpmath.mpf(student_quantile(freedom)) ** 2
    below = mpmath.betainc(mpmath.mpf(freedom) / 2, 0.5, 0, freedom / (freedom + square), regularized=True) / 2
    assert float(below) == pytest.approx(TAIL, rel=1e-8)


def test_many_degrees_of_freedom_have_the_quantile_of_the_normal_distribution():
    assert student_quantile(1e30) == pytest.approx(1.959964, abs=3e-5)


def test_the_interval_of_a_mean_is_that_of_student():
    interval = of_mean([1.0, 2.0, 6.0])
    assert (interval.low + interval.high) / 2 == pytest.approx(3)
    assert (interval.high - interval.low) / 2 == pytest.approx(4.302653 * math.sqrt(7 / 3))


@pytest.mark.parametrize("numbers", [[], [1.0], [1.0, math.inf, 2.0]])
def test_a_mean_without_a_spread_has_no_interval(numbers):
    assert of_mean(numbers) is None


def test_the_interval_of_a_difference_is_that_of_welch():
    """Standard errors 3 and 4 of 3 and 5 seeds: 625 / (81 / 2 + 256 / 4) = 5.98 degrees of freedom."""
    interval = of_difference(Mean(10.0, 3.0, 3), Mean(4.0, 4.0, 5))
    assert interval == pytest.approx((6 - 2.448811 * 5, 6 + 2.448811 * 5))


def test_the_interval_of_a_difference_hardly_changes_with_its_standard_errors():
    same, nearly = (of_difference(Mean(0.0, 1.0, 2), Mean(0.0, error, 2)) for error in (1.0, 1.0 - 1e-6))
    assert nearly == pytest.approx(same, rel=1e-5)


@pytest.mark.parametrize("scale", [1e-90, 1e-81, 1, 1e90])
def test_the_interval_of_a_difference_scales_with_its_errors(scale):
    """Of 625 / (81 + 256) = 1.855 degrees of freedom."""
    interval = of_difference(Mean(0.0, 3.0 * scale, 2), Mean(0.0, 4.0 * scale, 2))
    margin = student_quantile(625 / 337) * 5 * scale
    assert interval == pytest.approx((-margin, margin))


@pytest.mark.parametrize(("error", "seeds"), [(0.0, 2), (0.0, 3), (1.0, 1)])
def test_means_without_a_spread_have_no_interval(error, seeds):
    assert of_difference(Mean(3.0, error, seeds), Mean(1.0, 0.0, 2)) is None


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
