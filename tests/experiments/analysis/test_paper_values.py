"""Further numbers of the paper: their arms exist, and ours are read from the right metrics."""

from __future__ import annotations

import pytest

from tests.experiments.records import make_arm, make_record, record_of_exhibit
from tpo.experiments.analysis.paper import paper_file
from tpo.experiments.analysis.paper_values import paper_values
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.quantities import MEASURED_AS, QUANTITIES

ALL = [(name, said) for name, every in paper_file("paper_values").items() for said in every]


def ending_at(step, exhibit, panel, arm):
    """A record with a single arm, up to `step`."""
    steps = [kept for kept in (0, 390, 402, 420) if kept <= step]
    curve = {"steps": steps, "mean": [0.9, 0.5, 0.02, 0.01][: len(steps)], "se": None}
    return make_record(exhibit=exhibit, panels={panel: {arm: make_arm(error=curve)}})


@pytest.mark.parametrize(("name", "said"), ALL)
def test_each_stands_beside_something_that_the_exhibit_measures(name, said):
    exhibit = catalogue()[name]
    assert said["panel"] in exhibit.panels
    assert set(said["numbers"]) <= set(exhibit.arms)
    assert set(said) <= {"what", "source", "panel", "numbers", "quantity", "at"}
    if "quantity" in said:
        assert said["quantity"] in QUANTITIES
        assert MEASURED_AS.get(said["quantity"], said["quantity"]) in exhibit.curves


def test_ours_is_that_of_the_nearest_step_that_was_kept():
    (found,) = paper_values(ending_at(420, "figure16", "H=8", "TPO (4 epochs)"))
    assert (found.what, found.published, found.source) == ("error (%) at step 400", 0.2, "Figure 15a, section 4.3")
    assert found.ours == pytest.approx(2)


def test_what_was_not_reached_is_not_there_yet():
    (found,) = paper_values(ending_at(399, "figure16", "H=8", "TPO (4 epochs)"))
    assert found.ours is None


def test_the_end_is_the_last_step_there_is():
    (found,) = paper_values(ending_at(399, "table5", "reverse copy", "eta=0.5"))
    assert (found.what, found.published, found.ours) == ("error (%) at the end", 0.0, pytest.approx(50))


def test_what_was_not_measured_has_the_papers_number_alone():
    found = {one.arm: (one.published, one.ours) for one in paper_values(record_of_exhibit("figure4"))}
    assert found == {"CE": (1.0, None), "DG": (0.09, None), "GRPO": (0.33, None), "TPO": (0.73, None)}


def test_a_first_step_is_shown_as_the_paper_says_it():
    curve = {"steps": [0], "mean": [0.996], "se": None}
    record = record_of_exhibit("figure11", error=curve, failed_groups=curve)
    found = [(one.what, one.ours, one.published) for one in paper_values(record) if one.arm == "GRPO"]
    assert found == [
        ("groups without a success (%) at first", pytest.approx(99.6), "about 90"),
        ("completions without a mistake (%) at first", pytest.approx(0.4), "about 0.4"),
    ]


def test_an_exhibit_of_a_users_own_has_none():
    assert paper_values(make_record(exhibit="mine")) == []
