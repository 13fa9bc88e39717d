"""The record of a task's run has all that the page and the comparison need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments.made_up import PROVENANCE, make_curves, make_result
from tests.experiments.test_evaluations import curves
from tpo.experiments.analysis.record import NEEDED
from tpo.experiments.analysis.result_record import record_of_result
from tpo.experiments.spec.chart import panel_by_panel

HALVES = {"tpo": [[0.5, 0.25], [0.5, 0.0]], "dg": [[0.5, 0.5], [0.5, 0.5]]}


def test_it_has_what_every_record_has():
    record = record_of_result(make_result(HALVES))
    assert set(NEEDED) <= set(record)
    assert (record["exhibit"], record["backend"], record["completed"]) == ("token-reversal", "torch", True)
    assert (record["title"], record["note"]) == ("token-reversal: 2 seeds, 2 steps", "length 2")
    assert record["settings"]["token-reversal: dg"]["arm"]["algorithm"] == "dg"
    assert record["provenance"] == [PROVENANCE.to_json()]


def test_its_numbers_are_those_of_the_errors():
    arm = record_of_result(make_result(HALVES))["panels"]["token-reversal"]["tpo"]
    assert arm["ours"] == pytest.approx({"of_mean": 12.5, "median": 12.5, "spread": 12.5})
    assert arm["steps_to_1pct"] == {"of_mean": None, "median": None}
    assert arm["curves"] == {"error": {"steps": [0, 1], "mean": [0.5, 0.125], "se": [0.0, 0.125]}}
    assert (arm["seeds"], arm["seeds_planned"], arm["published"]) == (2, 2, None)
    assert arm["seconds_per_step"] == 1


def test_where_there_is_a_test_set_its_error_is_the_one_reported():
    result = make_result({"tpo": [[0.5] * 3] * 2})
    record = record_of_result(replace(result, arms={"tpo": curves(), "dg": make_curves([[0.5] * 3] * 2)}))
    ((label, arm),) = record["panels"]["token-reversal"].items()
    assert label == "tpo"
    assert arm["final_error"]["mean"] == pytest.approx(0.03)
    assert arm["curves"]["test_error"]["steps"] == [2, 3]
    assert [chart.quantities for chart in panel_by_panel(record)] == [("error",), ("test_error",)]


def test_what_is_not_finished_is_said_not_to_be():
    record = record_of_result(make_result(HALVES, steps=5))
    assert not record["completed"]
    assert record["panels"]["token-reversal"]["tpo"]["seeds"] == 2


def test_a_run_without_a_step_has_no_arm():
    record = record_of_result(replace(make_result(HALVES), arms={}))
    assert record["panels"] == {"token-reversal": {}}
    assert panel_by_panel(record) == []
