"""Statistics of curves in the tables, worked out by hand."""

import math

import numpy as np
import pytest

from tests.experiments.made_up import make_run
from tpo.experiments.analysis.statistics import STATISTICS, steps_to
from tpo.experiments.spec.quantities import SOLVED
from tpo.experiments.storage.series import Series


def test_steps_to_one_percent_of_the_mean_and_over_seeds():
    errors = np.asarray([[0.5, 0.010, 0.0, 0.0], [0.5, 0.4, 0.3, 0.2], [0.5, 0.2, 0.005, 0.001]])
    found = STATISTICS["steps to 1 %"](Series.of_every_step(errors))
    assert (found.of_mean_curve, found.standard_error, found.median) == (math.inf, None, 2)
    assert STATISTICS["steps to 1 %"](Series.of_every_step(errors[[0, 2]])).of_mean_curve == 2


def test_the_final_error_in_percent():
    errors = np.asarray([[0.5, 0.01], [0.5, 0.02], [0.5, 0.06]])
    found = STATISTICS["final error, %"](Series.of_every_step(errors))
    assert (found.of_mean_curve, found.median) == (pytest.approx(3), pytest.approx(2))
    assert found.standard_error == pytest.approx(np.std([1, 2, 6], ddof=1) / math.sqrt(3))
    assert STATISTICS["final error, %"](Series.of_every_step(errors[:1])).standard_error is None


def test_steps_are_those_at_which_it_was_measured():
    series = Series(np.asarray([200, 400, 450]), np.asarray([[0.5, 0.05, 0.04], [0.1, 0.09, 0.01]]))
    found = STATISTICS["steps to 5 %"](series)
    assert (found.of_mean_curve, found.median) == (450, 425)
    assert STATISTICS["steps to 1 %"](series).of_mean_curve == math.inf
    assert STATISTICS["final surplus"](series).of_mean_curve == pytest.approx(0.025)


def test_an_error_of_exactly_1_percent_in_float32_counts():
    one_minus_mean = 1 - np.float32(0.99)
    above = np.nextafter(1 - np.float32(0.98999995), np.float32(1))
    assert above > 0.01
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, one_minus_mean])) == 1
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, above])) == 1
    assert steps_to(SOLVED, np.array([0, 1]), np.array([0.5, 0.01001])) is None


def test_an_error_that_is_not_a_number_does_not_count():
    assert steps_to(SOLVED, np.array([0, 1]), np.array([math.nan, 0.5])) is None


@pytest.mark.parametrize(
    ("errors", "of_mean", "median"),
    [
        ([[0.5, 0.01, 0.02], [0.5, 0.4, 0.0], [0.005, 0.5, 0.5]], math.inf, 1),
        ([[0.0, 0, 0, 0], [1, 1, 1, 0]], 3, 1.5),
        ([[0.5, 0, 0], [0.5, 0.5, 0], [0.5, 0.5, 0.5]], math.inf, 2),
        ([[0.5, 0.5], [0.5, 0]], math.inf, math.inf),
    ],
)
def test_the_mean_curve_and_the_seeds_have_steps_of_their_own(errors, of_mean, median):
    found = STATISTICS["steps to 1 %"](Series.of_every_step(np.asarray(errors)))
    assert (found.of_mean_curve, found.median) == (of_mean, median)


def test_a_record_has_the_numbers_of_each_seed():
    errors = [[1.0, 0.5, 0.2, 0.1], [1.0, 0.6, 0.005, 0.3], [1.0, 1.0, 1.0, 1.0]]
    (arm,) = make_run({"tpo": errors})["panels"]["token-reversal"].values()
    assert arm["by_seed"] == {
        "statistic": pytest.approx([10.0, 30.0, 100.0]),
        "second_half": pytest.approx([0.15, 0.1525, 1.0]),
        "steps_to": {"0.5": [1, 2, None], "0.1": [3, 2, None], "0.01": [None, 2, None]},
    }
    assert arm["cost"] == pytest.approx({"wall_seconds": 12.0, "cpu_seconds": 1.0, "peak_memory_mb": 1.0})
