"""Differences between arms, seed by seed, and the interval of their median, against counts by hand."""

import math

import numpy as np
import pytest

from tests.experiments.made_up import make_run
from tests.experiments.records import make_record
from tpo import InvalidArgumentError, UnknownNameError
from tpo.experiments.analysis.pairs import median_interval, pairs

ERRORS = {
    "tpo": [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]],
    "dg": [[0.5, 0.4], [0.5, 0.1], [0.5, 0.9]],
}


def test_differences_are_those_of_the_same_seeds():
    (pair,) = pairs(make_run(ERRORS), "tpo")
    assert (pair.panel, pair.arm) == ("token-reversal", "dg")
    assert pair.differences == pytest.approx([30, -10, 60])
    assert (pair.median, pair.higher) == (pytest.approx(30), 2)


def test_never_is_later_than_anything_but_never():
    record = make_run({"tpo": [[1, 0.001], [1, 1], [1, 1], [0.001, 0]], "dg": [[1, 1], [1, 1], [1, 0.001], [1, 0.001]]})
    record["statistic"] = "steps to 1 %"
    for arm in record["panels"]["token-reversal"].values():
        arm["by_seed"]["statistic"] = arm["by_seed"]["steps_to"]["0.01"]
    (pair,) = pairs(record, "tpo")
    assert pair.differences == [math.inf, 0, -math.inf, 1]
    assert (pair.median, pair.higher) == (0.5, 2)


def test_a_seed_without_a_number_is_left_out():
    (pair,) = pairs(make_run(ERRORS | {"dg": [[0.5, math.nan], [0.5, 0.1], [0.5, 0.9]]}), "tpo")
    assert pair.differences == pytest.approx([-10, 60])


@pytest.mark.parametrize("label", ["tpo", "dg"])
def test_an_arm_whose_seeds_are_not_all_finished_is_not_compared(label):
    record = make_run(ERRORS)
    record["panels"]["token-reversal"][label]["seeds"] = 2
    assert pairs(record, "tpo") == []


@pytest.mark.parametrize(("count", "rank"), [(6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (30, 10)])
def test_the_interval_is_that_of_the_sign_test(count, rank):
    numbers = np.random.default_rng(0).permutation(count).astype(float)
    assert median_interval(numbers.tolist()) == (rank - 1, count - rank)


@pytest.mark.parametrize("count", range(6))
def test_few_seeds_have_no_interval(count):
    assert median_interval([1.0] * count) is None


def test_the_interval_has_the_median_in_it_as_often_as_it_says():
    draws = np.random.default_rng(1).standard_cauchy((4000, 10))
    found = [median_interval(row.tolist()) for row in draws]
    share = np.mean([interval.low <= 0 <= interval.high for interval in found])
    exact = 1 - 2 * (1 + 10) / 2**10
    assert share == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 4000))


def test_arms_that_are_not_there_and_records_without_seeds_are_refused():
    with pytest.raises(UnknownNameError, match="must be a registered arm; got 'TPO'"):
        pairs(make_run(ERRORS), "TPO")
    with pytest.raises(InvalidArgumentError, match="must have numbers by seed; got one of an earlier version, table1"):
        pairs(make_record(), "TPO")
