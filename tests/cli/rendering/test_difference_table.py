"""`tpo show --against`: the arms of a record compared with one of them."""

from __future__ import annotations

from tests.experiments.made_up import make_run
from tpo.experiments.analysis import record as records

ERRORS = {"tpo": [[0.5, 0.1], [0.5, 0.2], [0.5, 0.3]], "dg": [[0.5, 0.4], [0.5, 0.1], [0.5, 0.9]]}


def test_show_prints_them(tpo, tmp_path):
    records.write(make_run(ERRORS), tmp_path)
    shown = tpo("show", tmp_path, "--against", "tpo")
    assert shown.code == 0
    *_, row, note = shown.out.splitlines()
    assert row.split() == ["dg", "26.67", "-60.58", "to", "113.9", "2", "of", "3"]
    assert note == "Mean over seeds of the difference; Student's t interval."
    refused = tpo("show", tmp_path, "--against", "TPO")
    assert (refused.code, "must be a registered arm; got 'TPO'" in refused.err) == (2, True)


def test_steps_that_are_never_reached_are_explained(tpo, tmp_path):
    record = make_run({"tpo": [[1, 0.001]] * 6, "dg": [[1, 1]] * 6})
    record["statistic"] = "steps to 1 %"
    for arm in record["panels"]["token-reversal"].values():
        arm["by_seed"]["statistic"] = arm["by_seed"]["steps_to"]["0.01"]
    records.write(record, tmp_path)
    *_, row, method, note = tpo("show", tmp_path, "--against", "tpo").out.splitlines()
    assert row.split() == ["dg", "inf", "inf", "to", "inf", "6", "of", "6"]
    assert method == "Median over seeds of the difference; interval of the sign test."
    assert note == "inf: the arm never gets there, tpo does; -inf: the other way round."
