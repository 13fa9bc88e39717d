"""`tpo run EXHIBIT`, `tpo show` and `tpo report`, for real, on the smallest exhibit there is."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tpo import OutputError
from tpo.cli.commands.exhibit import run_exhibits
from tpo.cli.rendering import record_table
from tpo.experiments.analysis import record as records
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage.cells import CellStore

RUN = ("run", "figure3", "--scale", "smoke", "--jobs", "2")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def ran(tpo, runs):
    """Run the exhibit and return the outcome; a second run has nothing left to do."""
    return tpo(*RUN, "--output", runs)


def test_it_runs_what_is_missing_and_shows_all(ran, runs):
    assert ran.code == 0
    assert "Single-context bandit: error (Figure 3, section 3.1); smoke scale, numpy" in re.sub(r"\s+", " ", ran.out)
    assert "changed: trainer.steps 5 instead of 150" in ran.out
    assert f"numbers: {runs}/figure3-smoke-numpy/exhibit.json" in ran.out
    files = {file.name for file in (runs / "figure3-smoke-numpy").iterdir()}
    assert files == {"events.jsonl", "exhibit.json", "figure.png", "figure.svg", "figure.pdf"}


@pytest.mark.usefixtures("ran")
def test_nothing_is_run_twice(tpo, runs):
    before = {file.name: file.stat().st_mtime_ns for file in (runs / "cells").glob("*.npz")}
    assert len(before) == 4
    again = tpo(*RUN, "--output", runs)
    assert again.code == 0
    assert again.err == ""
    assert {file.name: file.stat().st_mtime_ns for file in (runs / "cells").glob("*.npz")} == before


@pytest.mark.usefixtures("ran")
def test_the_record_holds_the_numbers_of_the_cells(runs):
    record = records.read(runs / "figure3-smoke-numpy")
    planned = plan(catalogue()["figure3"], "smoke", {})
    for (panel, label), (cell,) in planned.cells.items():
        error = CellStore(runs / "cells").load(cell).arrays["error"]
        arm = record["panels"][panel][label]
        assert arm["final_error"]["mean"] == pytest.approx(error[:, -1].mean())
        assert arm["final_error"]["se"] == pytest.approx(error[:, -1].std(ddof=1) / np.sqrt(2))
        assert arm["difference"] == pytest.approx(100 * error[:, -1].mean() - arm["published"])
        np.testing.assert_allclose(arm["curves"]["error"]["mean"], error.mean(0), rtol=1e-4)
        assert set(arm["curves"]) == {"error", "misalignment"}
    assert record["completed"]
    assert record["deviations"] == ["trainer.steps 5 instead of 150", "trainer.seeds 2 instead of 100"]


@pytest.mark.usefixtures("ran")
def test_show_prints_the_table_and_json(tpo, runs):
    shown = tpo("show", runs / "figure3-smoke-numpy")
    assert shown.code == 0
    assert "TPO" in shown.out
    assert "changed: " in shown.out
    plain = json.loads(tpo("show", runs / "figure3-smoke-numpy", "--json").out)
    assert set(plain["arms"]) == {"PG", "GRPO", "DG", "TPO"}
    assert (plain["completed"], plain["statistic"]) == (True, "final error, %")
    errors, ours = (plain["arms"]["TPO"][name] for name in ("final_error", "ours"))
    assert ours["of_mean"] == pytest.approx(100 * errors["mean"])
    assert plain["arms"]["TPO"]["published"] == 0.0052
    assert plain["arms"]["TPO"]["seconds_per_step"] > 0
    assert plain["arms"]["TPO"]["steps_to_1pct"] == {"of_mean": None, "median": None}


def test_show_of_nothing_says_what_to_do(tpo, tmp_path):
    shown = tpo("show", tmp_path)
    assert shown.code == 2
    assert f"there must be a record at {str(tmp_path)!r}; got none." in shown.err
    assert "make one: tpo run NAME." in shown.err


@pytest.mark.usefixtures("ran")
def test_the_page_holds_every_exhibit_and_needs_nothing_else(tpo, runs):
    made = tpo("report", runs)
    assert made.out == f"results shown: 1; page: {runs}/report.html\n"
    page = (runs / "report.html").read_text()
    assert page.count("<svg") == 1
    assert page.count("<tbody>") == 2
    assert len(re.findall(r"<tr><td class", page)) == 4
    assert "currentColor" in page
    assert "#010203" not in page
    assert not re.findall(r'(?:src|href)="https?:', page)


@pytest.mark.usefixtures("ran")
def test_the_list_of_runs(tpo, runs):
    listed = tpo(*RUN, "--output", runs, "--list").out.splitlines()
    assert len(listed) == 4
    assert all(" done " in line for line in listed)
    assert listed[-1].endswith("K=100: TPO, seeds 0 to 1")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("figure33",), "must be a registered task or exhibit; got 'figure33'. Did you mean 'figure3'?"),
        (("table1", "--scale", "small"), "must be a registered scale; got 'small'."),
        (("table1", "--set", "trainer.step=3"), "got 'trainer.step'. Did you mean 'trainer.steps'?"),
        (("table1", "--set", "trainer.steps=few"), "`trainer.steps` must be of type int; got 'few', of type str."),
        (("table1", "--set", "trainer.steps"), "`--set` must be NAME=VALUE; got 'trainer.steps'."),
        (("table1", "--backend", "numpy"), "must be a registered backend that trains; got 'numpy'."),
        (("table1", "--set", "trainer.seeds=0"), "`seeds` must be at least 1; got 0."),
    ],
)
def test_bad_input_is_refused_before_anything_runs(tpo, tmp_path, arguments, text):
    outcome = tpo("run", *arguments, "--output", tmp_path / "runs")
    assert outcome.code == 2
    assert text in outcome.err
    assert not (tmp_path / "runs").exists()


def test_help_has_the_exhibits_and_examples(tpo):
    assert "Table 1, Figure 6" in re.sub(r"\s+", " ", tpo("run", "--help").out)
    shown = tpo("run", "table1", "--help")
    assert "tpo run table1 --scale paper --set trainer.seeds=5" in shown.out
    assert "[laptop|smoke|paper]" in shown.out


def test_what_is_only_listed_needs_no_data(tpo, runs, monkeypatch, tmp_path):
    monkeypatch.setenv("TPO_DATA", str(tmp_path))
    listed = tpo("run", "figure5", "--list", "--output", runs)
    assert (listed.code, listed.out.count(" to run ")) == (0, 6)
    refused = tpo("run", "figure5", "--output", runs)
    assert (refused.code, refused.out) == (2, "")
    assert "tpo data mnist" in refused.err


def test_the_examples_of_help_can_be_run(tpo):
    for name in ("table1", "table2", "table3", "figure3", "all"):
        epilog = tpo("run", name, "--help").out.partition("Examples:\n")[2]
        (example,) = [line.split() for line in epilog.splitlines() if "--set" in line]
        assert example[:3] == ["tpo", "run", name]
        assert tpo(*example[1:], "--list").code == 0


def test_an_output_folder_that_cannot_be_one_is_refused_before_anything_runs(tpo, tmp_path):
    (tmp_path / "figure3-smoke-numpy").touch()
    refused = tpo(*RUN, "--output", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert f"the output folder must be writable; got '{tmp_path}/figure3-smoke-numpy' (File exists)" in refused.err
    assert list((tmp_path / "cells").glob("*.npz")) == []


def test_that_holds_for_all_of_them_before_the_first_runs(tmp_path):
    (tmp_path / "figure4-smoke-numpy").touch()
    chosen = {
        "scale": "smoke",
        "set": (),
        "report_to": (),
        "launcher": "processes",
        "list": False,
        "estimate": False,
        "hours": None,
        "overwrite": False,
        "jobs": 1,
        "backend": None,
        "device": None,
    }
    with pytest.raises(OutputError, match=r"figure4-smoke-numpy' \(File exists\)"):
        run_exhibits([catalogue()["figure3"], catalogue()["figure4"]], **chosen, output=tmp_path)
    assert not (tmp_path / "cells").exists()


def test_what_was_run_is_written_before_it_is_printed(tmp_path, monkeypatch):
    def broken(_):
        raise BrokenPipeError

    record = records.record_of(plan(catalogue()["figure3"], "smoke", {}), CellStore(tmp_path))
    monkeypatch.setattr(record_table, "print_record", broken)
    with pytest.raises(BrokenPipeError):
        record_table.show(record, tmp_path)
    assert records.read(tmp_path)["exhibit"] == "figure3"


def test_a_page_of_a_folder_that_is_not_there_is_refused(tpo, tmp_path):
    refused = tpo("report", tmp_path / "typo")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(
        f"error: the folder of results must exist; got '{tmp_path}/typo', which is not a folder."
    )


@pytest.mark.parametrize(("flag", "kind"), [("--launcher", "launcher"), ("--report-to", "tracker")])
def test_a_list_is_refused_with_names_that_a_run_would_refuse(tpo, flag, kind):
    told = tpo("run", "figure3", "--list", flag, "nope")
    assert told.code == 2
    assert f"the name must be a registered {kind}; got 'nope'" in told.err


def test_a_part_is_run_alone_and_the_whole_takes_its_cells(tpo, tmp_path):
    part = tpo(*RUN, "--output", tmp_path, "--arm", "TPO", "--arm", "GRPO")
    assert part.code == 0
    (folder,) = tmp_path.glob("figure3-smoke-numpy-*")
    assert [set(arms) for arms in records.read(folder)["panels"].values()] == [{"TPO", "GRPO"}]
    assert "changed: without the arms PG; DG" in " ".join(part.out.split())
    listed = tpo(*RUN, "--output", tmp_path, "--list").out.splitlines()
    assert {line.split(": ")[1].split(",")[0] for line in listed if " done " in line} == {"TPO", "GRPO"}


@pytest.mark.parametrize(("flag", "kind"), [("--panel", "panel of figure3"), ("--arm", "arm of figure3")])
def test_a_part_that_there_is_not_is_refused(tpo, tmp_path, flag, kind):
    refused = tpo(*RUN, "--output", tmp_path, flag, "nope")
    assert refused.code == 2
    assert f"the name must be a registered {kind}; got 'nope'." in refused.err
    assert not list(tmp_path.iterdir())
