"""`tpo run EXHIBIT` goes on from a record alone: finished arms whose cells are gone are taken from it."""

from __future__ import annotations

import json
import shutil

import pytest

from tpo.experiments.analysis import record as records
from tpo.experiments.spec.schema import RESULTS_VERSION

RUN = ("run", "figure3", "--scale", "smoke", "--jobs", "1")
PANEL = "K=100"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a run whose cells are still there; tests copy it."""
    return tmp_path_factory.mktemp("whole")


@pytest.fixture
def ran(tpo, whole, tmp_path):
    """A folder with the record of a finished run, without its cells."""
    assert tpo(*RUN, "--output", whole).code == 0
    shutil.copytree(whole, tmp_path / "runs", ignore=shutil.ignore_patterns("cells"))
    return tmp_path / "runs"


def record_in(folder):
    return records.read(folder / "figure3-smoke-numpy")


def change(folder, edit):
    """Edit the stored record."""
    found = record_in(folder)
    edit(found)
    (folder / "figure3-smoke-numpy" / records.FILE).write_text(json.dumps(found))


def cells_in(folder):
    return len(list((folder / "cells").glob("*.npz")))


def test_nothing_runs_if_all_arms_are_finished(tpo, ran):
    before = record_in(ran)
    again = tpo(*RUN, "--output", ran)
    assert (again.code, cells_in(ran)) == (0, 0)
    assert "nothing was trained" in again.out
    assert record_in(ran) == before


def test_an_arm_that_is_missing_is_run_and_the_others_stay(tpo, ran):
    before = record_in(ran)
    change(ran, lambda record: record["panels"][PANEL].pop("GRPO"))
    listed = tpo(*RUN, "--output", ran, "--list").out.splitlines()
    assert [" to run " in line for line in listed] == [": GRPO," in line for line in listed]
    assert tpo(*RUN, "--output", ran).code == 0
    after = record_in(ran)
    assert cells_in(ran) == 1
    assert (after["completed"], list(after["panels"][PANEL])) == (True, ["PG", "GRPO", "DG", "TPO"])
    for label, arm in after["panels"][PANEL].items():
        assert arm["ours"] == before["panels"][PANEL][label]["ours"]
        assert (arm == before["panels"][PANEL][label]) == (label != "GRPO")
    costs = [arm["cost"]["cpu_seconds"] for arm in after["panels"][PANEL].values()]
    assert after["cpu_seconds"] == pytest.approx(sum(costs))
    assert len(after["provenance"]) == len(before["provenance"])


def unfinished(record):
    record["panels"][PANEL]["TPO"]["seeds"] -= 1


def of_other_settings(record):
    record["settings"][f"{PANEL}: TPO"]["steps"] += 1


def of_impossible_settings(record):
    record["settings"][f"{PANEL}: TPO"]["arm"]["epochs"] = 0


def of_more_seeds(record):
    record["settings"][f"{PANEL}: TPO"]["seeds"] += [17]


def without_a_curve(record):
    del record["panels"][PANEL]["TPO"]["curves"]["misalignment"]


@pytest.mark.parametrize(
    "edit", [unfinished, of_other_settings, of_impossible_settings, of_more_seeds, without_a_curve]
)
def test_an_arm_that_is_not_the_planned_one_is_run_again(tpo, ran, edit):
    before = record_in(ran)
    change(ran, edit)
    assert tpo(*RUN, "--output", ran).code == 0
    assert cells_in(ran) == 1
    assert record_in(ran)["panels"][PANEL]["TPO"]["ours"] == before["panels"][PANEL]["TPO"]["ours"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda record: record.update(numbers=RESULTS_VERSION - 1),
        lambda record: record.update(statistic="steps to 1 %"),
        lambda record: [arm.update(cost=None) for arm in record["panels"][PANEL].values()],
    ],
    ids=["another version", "another statistic", "an early record"],
)
def test_a_record_that_says_something_else_is_not_used(tpo, ran, edit):
    change(ran, edit)
    assert tpo(*RUN, "--output", ran).code == 0
    assert cells_in(ran) == 4


def test_a_damaged_record_is_written_anew(tpo, ran):
    (ran / "figure3-smoke-numpy" / records.FILE).write_text("{")
    assert tpo(*RUN, "--output", ran).code == 0
    assert cells_in(ran) == 4


def test_overwrite_runs_all_of_it_again(tpo, ran):
    assert tpo(*RUN, "--output", ran, "--overwrite").code == 0
    assert cells_in(ran) == 4


def test_an_estimate_leaves_finished_arms_out(tpo, ran):
    change(ran, lambda record: record["panels"][PANEL].pop("GRPO"))
    shown = tpo(*RUN, "--output", ran, "--estimate").out
    assert "for 1 of 4 runs, 10 of 40 steps times seeds (75 % done)" in shown


@pytest.mark.parametrize(("provenance", "said"), [([], ". Repeat it"), ({"versions": {}}, ", on 2026. Repeat it")])
def test_a_record_without_all_of_its_provenance_is_shown(tpo, ran, provenance, said):
    made = provenance and [{"started_at": "2026", "platform": "Test-1", **provenance}]
    change(ran, lambda record: record.update(provenance=made))
    again = tpo(*RUN, "--output", ran)
    assert again.code == 0
    assert f"nothing was trained: all of it was computed before{said}: --overwrite" in again.out
