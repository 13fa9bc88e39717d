"""Comparing two records arm by arm."""

import math

import pytest

from tpo import InvalidArgumentError
from tpo.experiments.analysis.comparison import compare


def record(errors, exhibit="table1"):
    """One panel with an arm per `(mean, standard error)`."""
    arms = {
        label: {
            "final_error": {"mean": mean, "se": se},
            "steps_to_1pct": {"median": 7.0 if mean < 0.01 else None},
            "ours": {"of_mean": 100 * mean},
        }
        for label, (mean, se) in errors.items()
    }
    return {"exhibit": exhibit, "panels": {"V=2": arms}}


def test_differences_are_counted_in_standard_errors():
    first, second = (
        record({"TPO": (0.001, 0.003), "PPO": (0.5, None)}),
        record({"TPO": (0.021, 0.004), "PPO": (0.4, 0.1)}),
    )
    tpo, ppo = compare(first, second)
    assert (tpo.panel, tpo.arm, tpo.first, tpo.second) == ("V=2", "TPO", 0.001, 0.021)
    assert tpo.spreads == pytest.approx(4.0)
    assert tpo.steps == (7.0, None)
    assert ppo.statistics == (50.0, 40.0)
    assert ppo.spreads is None


def test_equal_runs_differ_by_nothing_and_certain_ones_by_infinity():
    (same,) = compare(record({"TPO": (0.2, 0.0)}), record({"TPO": (0.2, 0.0)}))
    (other,) = compare(record({"TPO": (0.2, 0.0)}), record({"TPO": (0.1, 0.0)}))
    assert (same.spreads, other.spreads) == (0.0, -math.inf)


def test_records_without_a_common_arm_are_refused():
    with pytest.raises(InvalidArgumentError, match="got table1 and table3, which have none"):
        compare(record({"TPO": (0.1, 0.1)}), record({"DG": (0.1, 0.1)}, "table3"))
