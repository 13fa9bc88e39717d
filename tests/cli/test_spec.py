"""`tpo run --spec FILE`: what works for a table of the paper works for a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "my-experiment.toml"
BANDIT = """
title = "A bandit of mine"
task = "single-context-bandit"
curves = ["error", "misalignment"]
options = { arms_count = 10 }
[arms.TPO]
algorithm = "tpo"
[arms.PG]
algorithm = "reinforce"
[panels.few]
task.samples = 5
[panels.many]
task.samples = 50
[trainer]
steps = 40
seeds = 4
seeds_per_cell = 2
[scales.smoke]
panels = ["many"]
settings = { trainer.steps = 5 }
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "mine.toml"
    path.write_text(BANDIT)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def ran(tpo, spec, runs):
    return tpo("run", "--spec", spec, "--jobs", "2", "--output", runs)


def test_it_is_run_shown_and_logged(ran, runs):
    assert ran.code == 0
    assert "A bandit of mine (mine.toml); full scale, numpy" in re.sub(r"\s+", " ", ran.out)
    assert "not as" not in ran.out
    folder = runs / "mine-full-numpy"
    record = json.loads((folder / "exhibit.json").read_text())
    assert {panel: list(arms) for panel, arms in record["panels"].items()} == {
        "few": ["TPO", "PG"],
        "many": ["TPO", "PG"],
    }
    assert record["completed"]
    assert record["panels"]["few"]["TPO"]["seeds"] == 4
    assert (
        record["panels"]["many"]["TPO"]["final_error"]["mean"] < record["panels"]["many"]["PG"]["final_error"]["mean"]
    )
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert sum(event["event"] == "step" for event in events) == 8 * 40


@pytest.mark.usefixtures("ran")
def test_nothing_is_run_twice_and_all_commands_know_it(tpo, spec, runs):
    again = tpo("run", "--spec", spec, "--output", runs)
    assert (again.code, again.err) == (0, "")
    listed = tpo("run", f"--spec={spec}", "--list", "--output", runs).out.splitlines()
    assert len(listed) == 8
    assert all(" done " in line for line in listed)
    assert listed[0].endswith("few: TPO, seeds 0 to 1")
    plain = json.loads(tpo("show", runs / "mine-full-numpy", "--json").out)
    assert set(plain["arms"]) == {"few: TPO", "few: PG", "many: TPO", "many: PG"}
    compared = tpo("compare", runs / "mine-full-numpy", runs / "mine-full-numpy")
    assert compared.code == 0
    assert compared.out.count("+0.0") == 4
    assert tpo("report", runs).out == f"1 exhibits: {runs}/report.html\n"


def test_scales_and_settings_are_changes_of_the_file(tpo, spec, tmp_path):
    arguments = ("--scale", "smoke", "--set", "trainer.seeds=2", "--jobs", "1", "--output", tmp_path)
    outcome = tpo("run", *arguments, "--spec", spec)
    assert outcome.code == 0
    for line in ("trainer.steps 5 instead of 40", "trainer.seeds 2 instead of 4", "without few"):
        assert f"not as in mine.toml: {line}\n" in outcome.out
    (folder,) = tmp_path.glob("mine-smoke-numpy-*")
    page = tpo("report", tmp_path)
    assert page.code == 0
    assert "not as in mine.toml: without few" in (tmp_path / "report.html").read_text()
    assert tpo("show", folder).out.count("not as in mine.toml") == 3


def test_the_example_runs(tpo, tmp_path):
    outcome = tpo("run", "--spec", EXAMPLE, "--scale", "smoke", "--jobs", "2", "--output", tmp_path)
    assert outcome.code == 0
    arms = json.loads(tpo("show", tmp_path / "sharper-targets-smoke-torch", "--json").out)["arms"]
    assert set(arms) == {"TPO", "TPO, sharp", "GRPO"}
    assert "not as in my-experiment.toml: without sequential" in outcome.out


def test_a_mistake_is_refused_before_anything_runs(tpo, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(BANDIT.replace('"tpo"', '"tpoo"'))
    outcome = tpo("run", "--spec", path, "--output", tmp_path / "runs")
    assert outcome.code == 2
    assert outcome.err.startswith(f"error: in '{path}', `arms.TPO.algorithm`: the name must be a registered algorithm;")
    assert not (tmp_path / "runs").exists()


def test_a_curve_that_is_not_measured_is_named_and_nothing_is_lost(tpo, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(BANDIT.replace('"misalignment"', '"misalignmnt"'))
    arguments = ("run", "--spec", path, "--scale", "smoke", "--jobs", "2", "--output", tmp_path)
    outcome = tpo(*arguments)
    assert outcome.code == 2
    assert "must be a registered curve; got 'misalignmnt'. Did you mean 'misalignment'?" in outcome.err
    path.write_text(BANDIT)
    assert (tpo(*arguments).code, len(list((tmp_path / "cells").glob("*.npz")))) == (0, 4)


def test_a_name_beside_the_file_is_one_too_many(tpo, spec):
    outcome = tpo("run", "table1", "--spec", spec)
    assert outcome.code == 2
    assert "Got unexpected extra argument (table1)" in outcome.err
    assert "Option '--spec' requires an argument." in tpo("run", "--spec").err


def test_help(tpo, spec):
    words = " ".join(tpo("run", "--help").out.split())
    assert "--spec FILE Run an experiment of your own, in TOML, instead of NAME." in words
    assert "tpo run --spec examples/my-experiment.toml --jobs 2" in words
    shown = " ".join(tpo("run", "--spec", spec, "--help").out.split())
    assert "A bandit of mine (mine.toml)." in shown
    assert "--scale [smoke|full] How much of it. [default: full]" in shown
