"""The table of a record, on the terminal and on the page: our numbers, and in what arms differ."""

from dataclasses import replace

import pytest

from tests.experiments.made_up import ARMS, make_run
from tests.experiments.records import make_arm, make_record
from tpo.experiments.analysis.table import columns, differences

HALVES = {"tpo": [[0.5, 0.25], [0.5, 0.0]], "dg": [[0.5, 0.5], [0.5, 0.5]]}


def texts(record):
    return {one.head.replace("\n", " "): [cell.text for cell in one.cells] for one in columns(record)}


def test_a_run_has_no_columns_without_content():
    assert texts(make_run(HALVES)) == {
        "arm": ["tpo", "dg"],
        "final error, % (mean ± se)": ["12.5 ± 12", "50 ± 0"],
        "median of seeds": ["12.5", "50"],
        "steps to 1 % (median)": ["never", "never"],
        "seeds": ["2", "2"],
        "seconds per step": ["1", "1"],
    }


def test_a_table_of_the_paper_has_its_panels_and_numbers():
    assert texts(make_record()) == {
        "panel": ["V=2"],
        "arm": ["TPO"],
        "steps to 1 %": ["never"],
        "median of seeds": ["41"],
        "paper": ["never"],
        "seeds": ["2 of 5"],
        "seconds per step": ["0.25"],
    }


def test_a_difference_of_one_arm_is_a_column():
    arms = {"TPO": make_arm() | {"published": 3.0, "difference": -1.5}, "GRPO": make_arm() | {"published": None}}
    found = texts(make_record(panels={"V=2": arms}))
    assert (found["paper"], found["difference"]) == (["3", ""], ["-1.5", ""])
    assert "panel" not in found


def test_a_part_names_its_only_panel():
    panels = {"H=7, equal prompts": {"TPO": make_arm()}}
    assert texts(make_record(panels=panels, panels_in_exhibit=8))["panel"] == ["H=7, equal prompts"]
    assert "panel" not in texts(make_record(panels=panels, panels_in_exhibit=1))


def test_never_is_sorted_last():
    cells = {one.head: one.cells[0] for one in columns(make_record())}
    assert cells["steps to 1 %"] == cells["paper"] == ("never", "Infinity")
    assert cells["median\nof seeds"] == ("41", "41.0")


@pytest.mark.parametrize(("published", "key"), [(">95", "95"), ("<2.3", "2.3"), (0.5, "0.5"), ("never", "Infinity")])
def test_a_bound_is_sorted_where_it_is(published, key):
    record = make_record(panels={"V=2": {"TPO": make_arm() | {"published": published}}})
    (paper,) = (one for one in columns(record) if one.head == "paper")
    assert paper.cells == [(str(published), key)]


def test_arms_differ_in_what_their_labels_do_not_say():
    arms = {**ARMS, "slow": replace(ARMS["tpo"], epochs=4, learning_rate=0.01, options={"eta": 2.0})}
    assert differences(make_run({**HALVES, "slow": HALVES["dg"]}, arms=arms)) == [
        "grouping: token in tpo, slow; batch in dg",
        "epochs: 1 in tpo, dg; 4 in slow",
        "group size: 2 in tpo, slow; 8 in dg",
        "learning rate: 0.001 in tpo, dg; 0.01 in slow",
    ]
    assert differences(make_run({"tpo": HALVES["tpo"]})) == []


def test_what_panels_differ_in_is_told_by_their_labels():
    record, arms = make_record(), {"TPO": make_arm(), "DG": make_arm()}
    settings = {
        f"{panel}: {arm}": {"arm": {"epochs": epochs, "batch_size": size}}
        for panel, size in (("few", 2), ("many", 9))
        for arm, epochs in (("TPO", 4), ("DG", 1))
    }
    found = differences(record | {"panels": {"few": arms, "many": arms}, "settings": settings})
    assert found == ["epochs: 4 in TPO; 1 in DG"]
