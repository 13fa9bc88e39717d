"""`tpo show --against`: the arms of a record compared with one of them."""

from __future__ import annotations

import copy

from tests.experiments.made_up import make_run
from tpo.experiments.analysis import record as records

ERRORS = {"tpo": [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]], "dg": [[0.5, 0.4], [0.5, 0.1], [0.5, 0.9]]}


def test_show_prints_them(tpo, tmp_path):
    records.write(make_run(ERRORS), tmp_path)
    shown = tpo("show", tmp_path, "--against", "tpo")
    assert shown.code == 0
    *_, row, note = shown.out.splitlines()
    assert row.split() == ["dg", "26.67", "mean", "-60.57", "to", "113.9", "2,", "0,", "1", "of", "3"]
    assert note == "mean: mean over seeds of the difference; Student's t interval."
    refused = tpo("show", tmp_path, "--against", "TPO")
    assert (refused.code, "`--against` must name an arm of this record; got 'TPO'" in refused.err) == (2, True)


def test_steps_that_are_never_reached_are_explained(tpo, tmp_path):
    record = make_run({"tpo": [[1, 0.001]] * 6, "dg": [[1, 1]] * 6})
    record["statistic"] = "steps to 1 %"
    for arm in record["panels"]["token-reversal"].values():
        arm["by_seed"]["statistic"] = arm["by_seed"]["steps_to"]["0.01"]
    records.write(record, tmp_path)
    *_, row, method, note = tpo("show", tmp_path, "--against", "tpo").out.splitlines()
    assert " ".join(row.split()) == "dg at least 1 median at least 1 6, 0, 0 of 6"
    assert method == "median: median over seeds of the difference; interval of the sign test."
    assert note == "at least, at most: some seeds did not reach the error in the steps that were run."


def test_each_row_says_how_it_was_computed_and_a_dash_is_explained(tpo, tmp_path):
    """Three seeds have an interval for their mean, but not if one of them never gets there."""
    record = make_run(ERRORS)
    record["statistic"] = "steps to 1 %"
    (arms,) = record["panels"].values()
    arms["ppo"] = copy.deepcopy(arms["dg"])
    for label, steps in {"tpo": [1, 2, 3], "dg": [4, 6, 8], "ppo": [None, None, 4]}.items():
        arms[label]["by_seed"]["statistic"] = steps
    records.write(record, tmp_path)
    *_, dg, ppo, mean, median, dash, bound, _ = tpo("show", tmp_path, "--against", "tpo").out.splitlines()
    assert dg.split()[:3] == ["dg", "4", "mean"]
    assert ppo.split()[:6] == ["ppo", "at", "least", "1", "median", "-"]
    assert mean.startswith("mean: mean over seeds")
    assert median.startswith("median: median over seeds")
    assert dash == "-: there are too few seeds, or the record lacks the numbers."
    assert bound.startswith("at least, at most: some seeds did not reach the error")


def test_seeds_that_nothing_orders_are_explained(tpo, tmp_path):
    record = make_run(ERRORS | {"dg": [[0.5, 0.4], [0.5, float("nan")], [0.5, 0.9]]})
    records.write(record, tmp_path)
    *_, row, _, dash, note = tpo("show", tmp_path, "--against", "tpo").out.splitlines()
    assert row.split() == ["dg", "30", "to", "60", "median", "-", "2,", "0,", "0", "of", "3"]
    assert dash.startswith("-: there are too few seeds")
    assert note == "Not counted: seeds in which neither arm reached the error, or one has no number."


def test_a_bound_that_is_not_shown_is_not_explained(tpo, tmp_path):
    record = make_run({"tpo": [[1, 0.001]] * 12, "dg": [[1, 1], *[[0.001, 0]] * 11]})
    record["statistic"] = "steps to 1 %"
    for arm in record["panels"]["token-reversal"].values():
        arm["by_seed"]["statistic"] = arm["by_seed"]["steps_to"]["0.01"]
    records.write(record, tmp_path)
    shown = tpo("show", tmp_path, "--against", "tpo").out
    assert "at least" not in shown
    assert "median" in shown.splitlines()[-1]
