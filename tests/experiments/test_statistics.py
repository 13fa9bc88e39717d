"""What the tables show of curves, worked out by hand."""

import math

import numpy as np
import pytest

from tpo.experiments.statistics import STATISTICS


def test_steps_to_one_percent_of_the_mean_and_over_seeds():
    errors = np.asarray([[0.5, 0.010, 0.0, 0.0], [0.5, 0.4, 0.3, 0.2], [0.5, 0.2, 0.005, 0.001]])
    found = STATISTICS["steps to 1 %"](errors)
    assert (found.of_mean, found.spread, found.median) == (math.inf, None, 2)
    assert STATISTICS["steps to 1 %"](errors[[0, 2]]).of_mean == 2


def test_the_final_error_in_percent():
    errors = np.asarray([[0.5, 0.01], [0.5, 0.02], [0.5, 0.06]])
    found = STATISTICS["final error, %"](errors)
    assert (found.of_mean, found.median) == (pytest.approx(3), pytest.approx(2))
    assert found.spread == pytest.approx(np.std([1, 2, 6], ddof=1) / math.sqrt(3))
    assert STATISTICS["final error, %"](errors[:1]).spread is None
