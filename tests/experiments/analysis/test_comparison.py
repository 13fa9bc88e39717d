"""Comparing two records arm by arm."""

import pytest

from tests.experiments.made_up import make_run
from tpo import InvalidArgumentError
from tpo.experiments.analysis.comparison import compare
from tpo.experiments.analysis.differences import BY_MEAN, OF_MEANS
from tpo.experiments.analysis.intervals import student_quantile
from tpo.experiments.spec.exhibit import FINAL_ERROR


def record(errors, exhibit="table1", statistic="steps to 1 %", panel="V=2"):
    """One panel with an arm of three seeds per `(mean, standard error)`."""
    arms = {
        label: {
            "final_error": {"mean": mean, "se": se},
            "steps_to_1pct": {"median": 7.0 if mean < 0.01 else None},
            "ours": {"of_mean": 100 * mean},
            "seeds": 3,
            "seeds_planned": 3,
        }
        for label, (mean, se) in errors.items()
    }
    return {"exhibit": exhibit, "statistic": statistic, "panels": {panel: arms}}


def test_differences_have_the_interval_of_their_means():
    """Standard errors .3 and .4 points of three seeds each: 625 / (81 / 2 + 256 / 2) = 3.709 degrees of freedom."""
    first, second = (
        record({"TPO": (0.001, 0.003), "PPO": (0.5, None)}),
        record({"TPO": (0.021, 0.004), "PPO": (0.4, 0.1)}),
    )
    tpo, ppo = compare(first, second)
    assert (tpo.panel, tpo.arm, tpo.first, tpo.second) == ("V=2", "TPO", 0.001, 0.021)
    margin = 0.5 * student_quantile(625 / 168.5)
    assert (*tpo.estimate.middle, *tpo.estimate.interval) == pytest.approx((2.0, 2.0, 2 - margin, 2 + margin))
    assert tpo.steps == (7.0, None)
    assert ppo.statistics == (50.0, 40.0)
    assert (ppo.estimate.middle, ppo.estimate.interval) == (pytest.approx((-10, -10)), None)


def test_runs_with_numbers_by_seed_are_compared_seed_by_seed():
    first, second = make_run({"tpo": [[0.5, 0.1], [0.5, 0.3]]}), make_run({"tpo": [[0.5, 0.2], [0.5, 0.5]]})
    (found,) = compare(first | {"statistic": FINAL_ERROR}, second | {"statistic": FINAL_ERROR})
    assert found.estimate.method == BY_MEAN
    assert [low for low, _ in found.estimate.by_seed] == pytest.approx([10, 20])
    (found,) = compare(first | {"statistic": "steps to 1 %"}, second | {"statistic": "steps to 1 %"})
    assert (found.estimate.method, found.estimate.by_seed) == (OF_MEANS, ())
    assert found.estimate.middle == pytest.approx((15, 15))


def test_a_run_that_is_not_finished_is_compared_by_its_means():
    first, second = (make_run({"tpo": [[0.5, 0.1], [0.5, 0.3]]}) | {"statistic": FINAL_ERROR} for _ in range(2))
    second["panels"]["token-reversal"]["tpo"]["seeds_planned"] = 3
    (found,) = compare(first, second)
    assert (found.estimate.method, found.estimate.middle) == (OF_MEANS, (0, 0))


def test_errors_that_do_not_spread_have_no_interval():
    (found,) = compare(record({"TPO": (0.2, 0.0)}), record({"TPO": (0.1, 0.0)}))
    assert (found.estimate.middle, found.estimate.interval) == (pytest.approx((-10, -10)), None)


def test_records_without_a_common_arm_are_refused():
    with pytest.raises(InvalidArgumentError) as caught:
        compare(
            record({"TPO": (0.1, 0.1)}), record({"TPO": (0.1, 0.1), "DG": (0.1, 0.1)}, "table3", panel="H=7, equal")
        )
    assert str(caught.value) == (
        "the two records must have a panel and arm in common; got table1 (panels: 'V=2'; arms: 'TPO') and "
        "table3 (panels: 'H=7, equal'; arms: 'TPO', 'DG'). Compare two runs of one exhibit or task."
    )
