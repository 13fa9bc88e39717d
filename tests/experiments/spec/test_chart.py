"""Charts are filled from a record, without the metrics that it lacks."""

from __future__ import annotations

import pytest

from tests.experiments.records import FLAT, make_arm, make_record, record_of_exhibit
from tpo.experiments.catalogue import catalogue
from tpo.experiments.figures.marks import MARKS
from tpo.experiments.spec.chart import FinalValues, LearningCurves
from tpo.experiments.spec.panel_charts import Waiting, panel_by_panel
from tpo.experiments.spec.quantities import MEASURED_AS, QUANTITIES, quantity

CHARTED = {name: exhibit for name, exhibit in catalogue().items() if exhibit.charts}
PANELS = {
    "K=4": {"A": make_arm(error=FLAT), "B": make_arm(error=FLAT | {"se": None})},
    "K=8": {"A": make_arm(error=FLAT | {"mean": [1.0, 0.5, 0.125]}), "B": make_arm()},
}
RECORD = make_record(panels=PANELS)


def test_a_course_is_what_the_record_has_of_its_curves():
    frame = LearningCurves(title="T", lines={"a": ("K=4", "A"), "none": ("K=4", "C")}).drawn(RECORD)
    (line,) = frame.lines
    assert (frame.title, frame.along, frame.mark, frame.label) == ("T", "steps", "curves", "error (%)")
    assert (line.label, line.at, line.mean, line.se) == ("a", FLAT["steps"], FLAT["mean"], FLAT["se"])


def test_two_quantities_share_their_axes_and_are_told_apart_by_their_strokes():
    both = make_record(panels={"P": {"A": make_arm(weight_on_success=FLAT, weight_on_failure=FLAT)}})
    frame = LearningCurves(
        title="", lines={"A": ("P", "A")}, quantities=("weight_on_success", "weight_on_failure")
    ).drawn(both)
    assert frame.labels == ["A"]
    assert frame.label == "weight of a success (solid),\nweight of a failure (dashed)"


def test_a_quantity_of_some_arms_has_axes_with_their_lines():
    arms = {"dg": make_arm(error=FLAT), "tpo": make_arm(error=FLAT, effective_sample_size=FLAT)}
    made = make_record(panels={"P": arms})
    frames = [chart.drawn(made) for chart in panel_by_panel(made)]
    assert [(frame.label, frame.labels) for frame in frames] == [
        ("error (%)", ["dg", "tpo"]),
        ("effective sample size", ["tpo"]),
    ]


def test_ends_are_the_last_points_of_curves_against_a_number_of_the_panel():
    points = {label: {size: (f"K={size}", label) for size in (4, 8, 16)} for label in ("A", "B", "C")}
    frame = FinalValues(title="", along="K", mark="points", points=points).drawn(RECORD)
    assert frame.labels == ["A", "B"]
    first, second = frame.lines
    assert (first.at, first.mean, first.se) == ([4, 8], [0.25, 0.125], [0.05, 0.05])
    assert (second.at, second.mean, second.se) == ([4, 8], [0.25, 0.25], [None, 0.05])


def test_without_charts_each_panel_and_quantity_is_one_and_profiles_stand_beside_them():
    arm = make_arm(error=FLAT, misalignment=FLAT) | {"profile": {"mean": [1.0, None], "se": None}}
    profile = {"label": "where", "quantity": "what", "positions": [3, 5]}
    frames = [
        chart.drawn(make_record(panels={"P": {"A": arm}, "Q": {}}, profile=profile))
        for chart in panel_by_panel(make_record(panels={"P": {"A": arm}, "Q": {}}, profile=profile))
    ]
    assert [(frame.title, frame.along, frame.label) for frame in frames] == [
        ("P", "steps", "error (%)"),
        ("P", "steps", "misalignment"),
        ("P", "where", "what"),
    ]
    assert (frames[2].lines[0].at, frames[2].lines[0].mean) == ([3, 5], [1.0, None])


@pytest.mark.parametrize("name", CHARTED)
def test_charts_are_of_panels_arms_and_curves_that_the_exhibit_has(name):
    exhibit = CHARTED[name]
    for chart in exhibit.charts:
        places = (
            chart.lines.values()
            if isinstance(chart, LearningCurves)
            else [place for places in chart.points.values() for place in places.values()]
        )
        names = chart.quantities if isinstance(chart, LearningCurves) else (chart.quantity,)
        assert all(panel in exhibit.panels and arm in exhibit.arms for panel, arm in places)
        assert {MEASURED_AS.get(one, one) for one in names} <= set(exhibit.curves)
        assert set(names) <= set(QUANTITIES)
        assert chart.drawn(record_of_exhibit(name)).mark in MARKS


def test_the_charts_are_those_of_the_papers_figures():
    titles = {name: [chart.title for chart in exhibit.charts] for name, exhibit in CHARTED.items()}
    weights = "Figure 11b: mass of TPO's target, advantages of GRPO"
    assert titles["figure11"] == ["error", "Figure 11a", weights, "Figure 12a", "Figure 12b"]
    assert titles["figure13"] == ["TPO", "GRPO", "at the end"]
    assert titles["figure14"] == ["learning curves", "at the end"]
    assert titles["figure16"] == [
        "Figure 16a: TPO",
        "Figure 16b: GRPO",
        "Figure 16c: at the end",
        "Figure 15a",
        "Figure 15b",
    ]
    assert titles["figure18"][:3] == ["terminal, reverse-copy", "bag-of-tokens, at the end", "sequential, at the end"]


def test_what_follows_from_a_measurement_is_shown_in_its_unit():
    assert quantity("groups_with_success").shown(0.9) == pytest.approx(10)
    assert quantity("failed_groups").shown(0.9) == pytest.approx(90)
    assert quantity("success").shown(0.996) == pytest.approx(0.4)
    assert quantity("unheard of").shown(3.0) == 3.0
    assert set(MEASURED_AS) <= set(QUANTITIES)
    assert set(MEASURED_AS.values()) <= set(QUANTITIES)


def waiting_of(level, by_seed, statistic="final error, %", **curves):
    """The lines of a survival curve of one arm."""
    arm = make_arm(**curves) | {"by_seed": {"second_half": [1.0] * len(by_seed["statistic"]), **by_seed}}
    return Waiting(panel="P", level=level).drawn(make_record(statistic=statistic, panels={"P": {"A": arm}})).lines


LONG = {"steps": [0, 999], "mean": [1.0, 0.0], "se": None}


def test_a_survival_curve_falls_at_the_step_of_each_seed():
    by_seed = {"statistic": [1.0] * 4, "steps_to": {"0.5": [7, None, 3, None]}}
    (line,) = waiting_of("0.5", by_seed, error=LONG)
    assert line.at == [0, 3, 3, 7, 7, 999]
    assert line.mean == [1, 1, 0.75, 0.75, 0.5, 0.5]
    assert line.quantity.label == "seeds not at 50 % error yet (%)"


def test_a_survival_curve_of_the_error_that_is_counted_to_is_that_of_the_statistic():
    by_seed = {"statistic": [600, None, 200], "steps_to": {"0.01": [None] * 3}}
    (line,) = waiting_of("0.05", by_seed, "steps to 5 %", error=LONG)
    assert line.at == [0, 200, 200, 600, 600, 999]
    assert line.quantity.label == "seeds not at 5 % error yet (%)"


@pytest.mark.parametrize("statistic", ["final error, %", "steps to 1 %"])
def test_a_statistic_of_something_else_is_no_survival_curve(statistic):
    assert waiting_of("0.05", {"statistic": [0.3, 12.7], "steps_to": {}}, statistic, error=LONG) == []


def test_an_arm_whose_steps_are_not_known_has_no_survival_curve():
    arm = make_arm() | {"curves": {}, "by_seed": {"statistic": [1.0], "steps_to": {"0.5": [3]}}}
    assert Waiting(panel="P", level="0.5").drawn(make_record(panels={"P": {"A": arm}})).lines == []


@pytest.mark.parametrize(
    ("seeds", "statistic", "level"),
    [
        (5, "final error, %", None),
        (6, "final error, %", "0.5"),
        (6, "steps to 1 %", "0.01"),
        (6, "steps to 5 %", "0.05"),
    ],
)
def test_a_panel_of_enough_seeds_has_a_survival_curve(seeds, statistic, level):
    by_seed = {"statistic": [1.0] * seeds, "second_half": [1.0] * seeds, "steps_to": {}}
    arm = make_arm() | {"by_seed": by_seed, "seeds": seeds, "seeds_planned": seeds}
    record = make_record(statistic=statistic, panels={"P": {"A": arm}, "Q": {}})
    found = [chart for chart in panel_by_panel(record) if isinstance(chart, Waiting)]
    assert found == ([] if level is None else [Waiting(panel="P", level=level)])


def test_an_arm_that_is_not_finished_has_no_survival_curve():
    by_seed = {"statistic": [1.0] * 6, "second_half": [1.0] * 6, "steps_to": {}}
    arm = make_arm() | {"by_seed": by_seed, "seeds": 6, "seeds_planned": 20}
    record = make_record(panels={"P": {"A": arm}})
    assert not any(isinstance(chart, Waiting) for chart in panel_by_panel(record))
