"""Statistics of curves in the tables, worked out by hand."""

import math

import numpy as np
import pytest

from tpo.experiments.analysis.statistics import STATISTICS
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
