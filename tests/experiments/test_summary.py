"""The numbers of a run, on curves that can be checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.experiments.made_up import make_curves, make_result
from tpo.experiments.analysis.statistics import SOLVED, steps_to
from tpo.experiments.analysis.summary import summarize, summarize_arm


def test_final_errors_are_those_of_the_last_step():
    summary = summarize_arm(make_curves([[1, 0.1], [1, 0.2], [1, 0.6]]))
    assert summary.error_mean == pytest.approx(0.3)
    assert summary.error_median == pytest.approx(0.2)
    # Deviations -.2, -.1, .3: variance .14 / 2, over 3 seeds.
    assert summary.error_standard_error == pytest.approx(math.sqrt(0.07 / 3))


def test_one_seed_has_no_standard_error():
    assert summarize_arm(make_curves([[1, 0.1]])).error_standard_error is None


def test_steps_are_counted_until_the_error_is_measured_at_1_percent():
    summary = summarize_arm(make_curves([[0.5, 0.01, 0.02], [0.5, 0.4, 0.0], [0.005, 0.5, 0.5]]))
    assert summary.steps_median == 1
    assert summary.seeds_reached == 3
    assert summary.seeds == 3


def test_the_mean_curve_has_steps_of_its_own():
    summary = summarize_arm(make_curves([[0.5, 0.0, 0.0, 0.012], [0.5, 0.5, 0.018, 0.0]]))
    assert summary.steps_of_mean == 2
    assert summary.steps_median == 2
    assert (summary.seeds_reached, summary.seeds) == (2, 2)


def test_the_median_of_two_seeds_lies_between_them():
    assert summarize_arm(make_curves([[0.0, 0, 0, 0], [1, 1, 1, 0]])).steps_median == 1.5


def test_a_seed_that_never_gets_there_counts_as_infinite():
    summary = summarize_arm(make_curves([[0.5, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0.5]]))
    assert summary.steps_median == 2
    assert summary.steps_of_mean is None
    assert (summary.seeds_reached, summary.seeds) == (2, 3)


@pytest.mark.parametrize("errors", [[[0.5, 0.5], [0.5, 0]], [[0.5, 0.5], [0.5, 0.5]]])
def test_there_is_no_median_where_half_the_seeds_never_get_there(errors):
    assert summarize_arm(make_curves(errors)).steps_median is None


def test_an_error_of_exactly_1_percent_in_float32_counts():
    one_minus_mean = 1 - np.float32(0.99)
    above = np.nextafter(1 - np.float32(0.98999995), np.float32(1))
    assert above > 0.01
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, one_minus_mean])) == 1
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, above])) == 1
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, 0.01001])) is None


def test_an_error_that_is_not_a_number_does_not_count():
    assert steps_to(SOLVED, np.array([0, 1]), np.array([math.nan, 0.5])) is None


def test_seconds_per_step_leave_the_first_out():
    summary = summarize_arm(make_curves([[1, 1, 1, 1]], seconds=[20, 1, 2, 9]))
    assert summary.seconds_to_first_step == 20
    assert summary.seconds_per_step == 2


def test_a_single_step_has_no_seconds_per_step():
    summary = summarize_arm(make_curves([[1]], seconds=[20]))
    assert (summary.seconds_to_first_step, summary.seconds_per_step) == (20, None)


def test_who_gets_to_1_percent_first_is_on_top():
    never_close, never_far = [[1, 0.1, 0.1]], [[1, 1, 1]]
    result = make_result({"far": never_far, "late": [[1, 1, 0]], "close": never_close, "early": [[1, 0, 0.5]]})
    assert list(summarize(result)) == ["early", "late", "close", "far"]
