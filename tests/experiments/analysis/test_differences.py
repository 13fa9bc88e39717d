"""Differences between the arms of a record, against numbers by hand."""

import json
import math

import numpy as np
import pytest

from tests.experiments.made_up import make_run
from tests.experiments.records import make_record
from tpo import InvalidArgumentError, UnknownNameError
from tpo.experiments.analysis.differences import BY_MEAN, BY_MEDIAN, OF_MEANS, _paired, differences, differences_as_json

ERRORS = {
    "tpo": [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]],
    "dg": [[0.5, 0.4], [0.5, 0.1], [0.5, 0.9]],
}


def test_differences_are_those_of_the_same_seeds():
    (found,) = differences(make_run(ERRORS), "tpo")
    assert (found.panel, found.arm) == ("token-reversal", "dg")
    assert found.by_seed == pytest.approx([30, -10, 60])
    assert (found.method, found.number, found.higher) == (BY_MEAN, pytest.approx(80 / 3), 2)
    assert sum(found.interval) / 2 == pytest.approx(80 / 3)


def test_six_seeds_have_an_interval_for_the_median():
    errors = np.array([[0.5, 0.1]] * 6)
    (found,) = differences(make_run({"tpo": errors, "dg": errors + np.arange(6)[:, None] / 100}), "tpo")
    assert (found.method, found.higher) == (BY_MEDIAN, 5)
    assert (found.number, *found.interval) == pytest.approx((2.5, 0, 5))


def test_a_record_without_seeds_has_the_interval_of_its_means():
    """Means .2 and 7/15; standard errors .1/sqrt(3) and .404/sqrt(3): 2.24 degrees of freedom, of which 2 are known."""
    record = make_run(ERRORS)
    for arm in record["panels"]["token-reversal"].values():
        del arm["by_seed"]
    (found,) = differences(record, "tpo")
    assert (found.method, found.by_seed) == (OF_MEANS, ())
    margin = 4.303 * 100 * math.sqrt((0.01 + 0.49 / 3) / 3)
    assert (found.number, *found.interval) == pytest.approx((80 / 3, 80 / 3 - margin, 80 / 3 + margin))


@pytest.mark.parametrize("changes", [{"spread": None}, {"of_mean": "never"}, {"of_mean": None}])
def test_without_a_number_and_a_spread_there_is_no_interval(changes):
    record = make_run(ERRORS)
    for arm in record["panels"]["token-reversal"].values():
        del arm["by_seed"]
    record["panels"]["token-reversal"]["dg"]["ours"] |= changes
    (found,) = differences(record, "tpo")
    assert found.interval is None
    assert math.isnan(found.number) == ("of_mean" in changes)


def test_never_is_later_than_anything_but_never():
    record = make_run({"tpo": [[1, 0.001], [1, 1], [1, 1], [0.001, 0]], "dg": [[1, 1], [1, 1], [1, 0.001], [1, 0.001]]})
    record["statistic"] = "steps to 1 %"
    for arm in record["panels"]["token-reversal"].values():
        arm["by_seed"]["statistic"] = arm["by_seed"]["steps_to"]["0.01"]
    (found,) = differences(record, "tpo")
    assert found.by_seed == [math.inf, 0, -math.inf, 1]
    assert (found.number, found.higher) == (0.5, 2)


def test_a_seed_without_a_number_is_left_out():
    (found,) = differences(make_run(ERRORS | {"dg": [[0.5, math.nan], [0.5, 0.1], [0.5, 0.9]]}), "tpo")
    assert found.by_seed == pytest.approx([-10, 60])


@pytest.mark.parametrize("label", ["tpo", "dg"])
def test_an_arm_whose_seeds_are_not_all_finished_is_not_compared(label):
    record = make_run(ERRORS)
    record["panels"]["token-reversal"][label]["seeds"] = 2
    assert differences(record, "tpo") == []


def test_a_single_seed_has_no_interval():
    record = make_run({label: errors[:1] for label, errors in ERRORS.items()})
    for arm in record["panels"]["token-reversal"].values():
        del arm["by_seed"]
        arm["ours"]["spread"] = 1.0
    (found,) = differences(record, "tpo")
    assert (found.number, found.interval) == (pytest.approx(30), None)


def test_arms_with_fewer_seeds_are_compared_on_those_that_both_have():
    record = make_run(ERRORS)
    record["panels"]["token-reversal"]["dg"] |= {"seeds": 2, "seeds_planned": 2}
    record["panels"]["token-reversal"]["dg"]["by_seed"]["statistic"].pop()
    (found,) = differences(record, "tpo")
    assert found.by_seed == pytest.approx([30, -10])


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
        "`--against` must have numbers by seed where steps are counted; got the record of table1, written by an "
        f"earlier version, which lacks them. Make it anew: tpo run table1 --scale {record['scale']} --backend "
        f"{record['backend']}, with the --set of the first time, if any."
    )


@pytest.mark.filterwarnings("error")
def test_between_seeds_that_only_one_arm_lacks_there_is_no_middle():
    arms = {"a": {"by_seed": {"statistic": [None, 3.0]}}, "b": {"by_seed": {"statistic": [3.0, None]}}}
    method, number, interval, by_seed = _paired(math.inf, arms["a"], arms["b"])
    assert (method, math.isnan(number), interval, by_seed) == (BY_MEDIAN, True, None, [math.inf, -math.inf])


@pytest.mark.parametrize("seeds", [1, 2, 6])
def test_where_no_seed_of_either_arm_gets_there_there_is_no_difference(seeds):
    arms = [{"by_seed": {"statistic": [None] * seeds}} for _ in range(2)]
    method, number, interval, by_seed = _paired(math.inf, *arms)
    assert (method, math.isnan(number), interval, by_seed) == (BY_MEDIAN, True, None, [0.0] * seeds)


def test_equal_differences_of_few_seeds_have_no_interval():
    arms = [{"by_seed": {"statistic": numbers}} for numbers in ([3.0, 4.0], [1.0, 2.0])]
    assert _paired(math.inf, *arms) == (BY_MEAN, 2.0, None, [2.0, 2.0])


def test_differences_are_plain_data_too():
    (found,) = differences_as_json(make_run(ERRORS), "tpo")
    assert (found["arm"], found["method"], found["higher"]) == ("dg", BY_MEAN, 2)
    assert found["number"] == pytest.approx(80 / 3)
    assert sum(found["interval"]) / 2 == pytest.approx(80 / 3)
    json.dumps(found, allow_nan=False)
