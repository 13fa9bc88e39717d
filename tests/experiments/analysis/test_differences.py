"""Differences between the arms of a record, against numbers by hand."""

import json
import math

import numpy as np
import pytest

from tests.experiments.made_up import make_run
from tests.experiments.records import make_record
from tpo import InvalidArgumentError, UnknownNameError
from tpo.experiments.analysis.differences import (
    BY_MEAN,
    BY_MEDIAN,
    OF_MEANS,
    differences,
    differences_as_json,
    estimate,
)

ERRORS = {
    "tpo": [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]],
    "dg": [[0.5, 0.4], [0.5, 0.1], [0.5, 0.9]],
}


def numbers_of(found):
    """The differences of the seeds, all of which are known."""
    assert all(low == high for low, high in found.estimate.by_seed)
    return [low for low, _ in found.estimate.by_seed]


def test_differences_are_those_of_the_same_seeds():
    (found,) = differences(make_run(ERRORS), "tpo")
    assert (found.panel, found.arm) == ("token-reversal", "dg")
    assert numbers_of(found) == pytest.approx([30, -10, 60])
    assert (found.estimate.method, found.higher, found.equal, found.lower) == (BY_MEAN, 2, 0, 1)
    assert found.estimate.middle == pytest.approx((80 / 3, 80 / 3))
    margin = 4.302653 * math.sqrt(np.var([30, -10, 60], ddof=1) / 3)
    assert found.estimate.interval == pytest.approx((80 / 3 - margin, 80 / 3 + margin))


def test_six_seeds_have_an_interval_for_the_median():
    errors = np.array([[0.5, 0.1]] * 6)
    (found,) = differences(make_run({"tpo": errors, "dg": errors + np.arange(6)[:, None] / 100}), "tpo")
    assert (found.estimate.method, found.higher, found.equal, found.lower) == (BY_MEDIAN, 5, 1, 0)
    assert (*found.estimate.middle, *found.estimate.interval) == pytest.approx((2.5, 2.5, 0, 5))


def without_seeds(record):
    """The record as an earlier version wrote it."""
    for arm in record["panels"]["token-reversal"].values():
        del arm["by_seed"]
    return record


def test_a_record_without_seeds_has_the_interval_of_its_means():
    """Means .2 and 7/15; standard errors .1/sqrt(3) and .404/sqrt(3): 2.2439 degrees of freedom."""
    (found,) = differences(without_seeds(make_run(ERRORS)), "tpo")
    assert (found.estimate.method, found.estimate.by_seed) == (OF_MEANS, ())
    squares = np.array([0.01, 0.49 / 3]) / 3
    assert sum(squares) ** 2 / sum(squares**2 / 2) == pytest.approx(2.2439, abs=1e-4)
    margin = 3.8840 * 100 * math.sqrt(sum(squares))
    assert (*found.estimate.middle, *found.estimate.interval) == pytest.approx(
        (80 / 3, 80 / 3, 80 / 3 - margin, 80 / 3 + margin), rel=1e-4
    )


@pytest.mark.parametrize("changes", [{"spread": None}, {"of_mean": "never"}, {"of_mean": None}])
def test_without_a_number_and_a_spread_there_is_no_interval(changes):
    record = without_seeds(make_run(ERRORS))
    record["panels"]["token-reversal"]["dg"]["ours"] |= changes
    (found,) = differences(record, "tpo")
    assert found.estimate.interval is None
    assert found.estimate.middle.is_number == ("of_mean" not in changes)


def test_an_arm_without_seeds_leaves_the_pairs_of_the_others_paired():
    errors = np.array([[0.5, 0.1]] * 6) + np.arange(6)[:, None] / 100
    record = make_run({"tpo": errors, "dg": errors + 0.01, "grpo": errors})
    del record["panels"]["token-reversal"]["grpo"]["by_seed"]
    dg, grpo = differences(record, "tpo")
    assert (dg.estimate.method, *dg.estimate.interval) == (BY_MEDIAN, pytest.approx(1), pytest.approx(1))
    assert grpo.estimate.method == OF_MEANS


def steps(*numbers, run=100):
    """An arm whose seeds get to 1 % after these steps, or not in those that were `run`: `None`."""
    return {"by_seed": {"statistic": numbers}, "curves": {"error": {"steps": [0, run]}}}


STEPS = "steps to 1 %"
INF = math.inf


def test_what_does_not_get_there_needs_more_steps_than_were_run():
    arm, other = steps(2, None, None, 9), steps(None, None, 30, 8)
    found = estimate(arm, other, STEPS)
    assert found.by_seed == [(-INF, -99), (-INF, INF), (71, INF), (1, 1)]
    assert (found.method, found.middle, found.interval) == (BY_MEDIAN, (-INF, INF), None)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("missing", "middle", "interval"),
    [(0, (45, 45), (10, 80)), (1, (45, 45), (10, INF)), (4, (55.5, INF), (10, INF)), (8, (71, INF), (71, INF))],
)
def test_an_interval_holds_wherever_the_missing_numbers_are(missing, middle, interval):
    """Of eight seeds; the other arm gets there after 30 steps, this one after 40 to 110, of 100 that were run."""
    late = [None] * missing
    found = estimate(steps(*range(40, 120, 10)[: 8 - missing], *late), steps(*[30] * 8), STEPS)
    assert (found.method, found.middle, found.interval) == (BY_MEDIAN, middle, interval)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_where_no_seed_of_either_arm_gets_there_nothing_is_known(count):
    found = estimate(steps(*[None] * count), steps(*[None] * count), STEPS)
    assert (found.method, found.middle) == (BY_MEDIAN, (-INF, INF))
    assert found.interval == (None if count < 6 else (-INF, INF))


def test_seeds_count_as_higher_lower_and_equal_only_for_certain():
    record = make_run({label: [[1, 1]] * 5 for label in ("tpo", "dg")})
    record["statistic"] = STEPS
    arms = record["panels"]["token-reversal"]
    for label, numbers in {"tpo": [3, None, 0, 1, None], "dg": [None, 0, 1, 1, None]}.items():
        arms[label]["by_seed"]["statistic"] = numbers
    (found,) = differences(record, "tpo")
    assert (found.higher, found.equal, found.lower, found.undecided) == (1, 1, 1, 2)


def test_a_seed_without_a_number_may_be_anything():
    """Six of ten seeds of the one arm have become NaN: the four that have not say nothing about it."""
    good = np.full((10, 2), 0.05)
    bad = good - 0.04
    bad[4:, 1] = math.nan
    (found,) = differences(make_run({"tpo": good, "dg": bad}), "tpo")
    assert found.estimate.by_seed[:4] == [pytest.approx((-4, -4))] * 4
    assert found.estimate.by_seed[4:] == [(-INF, INF)] * 6
    assert (found.estimate.method, found.estimate.middle, found.estimate.interval) == (
        BY_MEDIAN,
        (-INF, INF),
        (-INF, INF),
    )
    assert (found.lower, found.undecided) == (4, 6)


@pytest.mark.parametrize("label", ["tpo", "dg"])
def test_an_arm_whose_seeds_are_not_all_finished_is_not_compared(label):
    record = make_run(ERRORS)
    record["panels"]["token-reversal"][label]["seeds"] = 2
    assert differences(record, "tpo") == []


def test_a_single_seed_has_no_interval():
    record = without_seeds(make_run({label: errors[:1] for label, errors in ERRORS.items()}))
    for arm in record["panels"]["token-reversal"].values():
        arm["ours"]["spread"] = 1.0
    (found,) = differences(record, "tpo")
    assert (found.estimate.middle, found.estimate.interval) == (pytest.approx((30, 30)), None)


def test_arms_with_fewer_seeds_are_compared_on_those_that_both_have():
    record = make_run(ERRORS)
    record["panels"]["token-reversal"]["dg"] |= {"seeds": 2, "seeds_planned": 2}
    record["panels"]["token-reversal"]["dg"]["by_seed"]["statistic"].pop()
    (found,) = differences(record, "tpo")
    assert numbers_of(found) == pytest.approx([30, -10])


def test_arms_that_are_not_there_and_records_without_seeds_are_refused():
    with pytest.raises(UnknownNameError) as unknown:
        differences(make_run(ERRORS), "TPO")
    text = "`--against` must name an arm of this record; got 'TPO'. Did you mean 'tpo'? Its arms: tpo, dg."
    assert str(unknown.value) == text
    with pytest.raises(UnknownNameError, match=r"got 'something else'\. Its arms: tpo, dg\.$"):
        differences(make_run(ERRORS), "something else")
    record = make_record()
    with pytest.raises(InvalidArgumentError) as old:
        differences(record, "TPO")
    assert str(old.value) == (
        "`--against` must have a record with numbers by seed to compare steps; got that of table1, written by an "
        f"earlier version, which lacks them. Run it again: tpo run table1 --scale {record['scale']} --backend "
        f"{record['backend']}, with the same --set as before, if any."
    )


@pytest.mark.parametrize(
    ("one", "other", "mean"), [((3, 4), (1, 2), 2), ((0.1 + 0.2, 0.4), (0.1, 0.2), 0.2), ((0, 0), (0, 0), 0)]
)
def test_equal_differences_of_few_seeds_have_no_interval(one, other, mean):
    found = estimate(steps(*one), steps(*other), "final error, %")
    assert (found.method, found.middle, found.interval) == (BY_MEAN, pytest.approx((mean, mean)), None)


def test_differences_are_plain_data_too():
    (found,) = differences_as_json(make_run(ERRORS), "tpo")
    assert [found[name] for name in ("arm", "method", "higher", "equal", "lower", "undecided")] == [
        *("dg", BY_MEAN),
        *(2, 0, 1, 0),
    ]
    assert found["number"] == pytest.approx(80 / 3)
    assert found["bounds"] == pytest.approx([80 / 3, 80 / 3])
    assert sum(found["interval"]) / 2 == pytest.approx(80 / 3)
    assert [low for low, _ in found["by_seed"]] == pytest.approx([30, -10, 60])
    json.dumps(found, allow_nan=False)


def test_what_has_no_bound_is_none_in_plain_data():
    record = make_run({label: [[1, 1]] * 6 for label in ("tpo", "dg")})
    record["statistic"] = STEPS
    record["panels"]["token-reversal"]["tpo"]["by_seed"]["statistic"] = [0] * 6
    record["panels"]["token-reversal"]["dg"]["by_seed"]["statistic"] = [None] * 6
    (found,) = differences_as_json(record, "tpo")
    assert (found["number"], found["bounds"], found["interval"]) == (None, [2, None], [2, None])
    assert found["by_seed"] == [[2, None]] * 6
