"""`tpo show` and `tpo compare` on results of every kind, with NaN and infinities, and on other files."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from tests.experiments.made_up import make_run, write_earlier_run
from tpo import OutputError
from tpo.experiments.analysis import earlier
from tpo.experiments.analysis import record as records
from tpo.experiments.catalogue import catalogue
from tpo.experiments.figures import page
from tpo.experiments.spec.plan import plan
from tpo.experiments.spec.selection import Selection
from tpo.experiments.storage.cells import CellStore

DIVERGED = {"tpo": [[0.5, math.nan], [1.0, 0.5]], "dg": [[0.5, 0.25], [1.0, 0.25]]}


def arm(mean):
    percent = None if mean is None else 100 * mean
    return {
        "final_error": {"mean": mean, "se": 0.1, "median": mean},
        "steps_to_1pct": {"of_mean": None, "median": None},
        "seconds_per_step": 0.1,
        "seeds": 2,
        "seeds_planned": 2,
        "ours": {"of_mean": percent, "spread": 10.0, "median": percent},
        "published": None,
        "difference": None,
        "curves": {},
    }


@pytest.fixture
def folders(tmp_path):
    """Two records of one exhibit; in the first, an arm has no number."""
    empty = records.record_of(plan(catalogue()["figure3"], "smoke", {}), CellStore(tmp_path))
    for name, means in {"first": (None, 0.2), "second": (0.1, 0.1)}.items():
        panel = {"TPO": arm(means[0]), "DG": arm(means[1])}
        records.write(empty | {"panels": {"all": panel}}, tmp_path / name)
    return tmp_path / "first", tmp_path / "second"


def test_the_json_of_a_run_that_diverged_is_json(tpo, tmp_path):
    records.write(make_run(DIVERGED), tmp_path)
    for path in (tmp_path, tmp_path / records.FILE):
        shown = json.loads(tpo("show", path, "--json").out, parse_constant=pytest.fail)["arms"]
        assert shown["tpo"]["final_error"] == {"mean": None, "se": None, "median": None}
        assert shown["dg"]["final_error"]["mean"] == 0.25
    assert "no data" in tpo("show", tmp_path).out


def test_a_path_that_is_not_there_is_refused(tpo, tmp_path):
    records.write(make_run(DIVERGED), tmp_path)
    found = tpo("show", tmp_path / "typo")
    assert found.code == 2
    assert found.out == ""
    path = str(tmp_path / "typo")
    text = f"there must be a record at {path!r}; got none. Check the path, or make one: tpo run NAME."
    assert found.err == f"error: {text}\n"


def test_errors_that_are_no_numbers_are_compared_as_such(tpo, folders):
    lines = tpo("compare", *folders).out.splitlines()
    cells = [line.partition("TPO" if "TPO" in line else "DG")[2].split() for line in lines if "never" in line]
    # Two seeds each, with standard errors of 10 points: 2 degrees of freedom.
    difference = ["20", "10", "-10", "(-70.85", "to", "50.85)"]
    assert cells == [["no", "number", "10", "-", "never", "|", "never"], [*difference, "never", "|", "never"]]


def test_columns_are_headed_by_folders_where_files_are_given(tpo, folders):
    by_folder = tpo("compare", *folders).out
    by_file = tpo("compare", *(folder / records.FILE for folder in folders)).out
    assert by_file == by_folder
    assert "second" in by_file


NEEDED = (
    *("exhibit", "title", "source", "note", "statistic", "scale", "backend", "deviations", "completed", "panels"),
    *("settings", "provenance", "cpu_seconds", "peak_memory_mb"),
)
"""The fields of the first records."""


@pytest.mark.parametrize("missing", NEEDED)
def test_a_record_that_lacks_something_is_refused_by_what(folders, missing):
    kept = json.loads((folders[0] / records.FILE).read_text())
    del kept[missing]
    (folders[0] / records.FILE).write_text(json.dumps(kept))
    with pytest.raises(
        OutputError, match=rf"the record of an exhibit, exhibit.json; got ValueError: .* required field `{missing}`"
    ):
        records.read(folders[0])


def test_what_was_measured_of_nothing_is_not_a_number():
    assert records.finite(np.nan) is records.finite(math.inf) is records.finite(None) is None
    assert records.finite(0.0) == 0.0


def test_a_run_that_another_version_computed_is_said_to_be_one(tpo, tmp_path):
    record = make_run(DIVERGED)
    records.write(record, tmp_path)
    assert "another version" not in tpo("show", tmp_path).out
    records.write(record | {"numbers": 1}, tmp_path)
    assert "Computed by another version of tpo" in tpo("show", tmp_path).out
    assert "another version" not in tpo("show", tmp_path, "--json").out


def test_records_of_another_version_are_compared_with_a_remark(tpo, folders):
    assert "another version" not in tpo("compare", *folders).out
    kept = json.loads((folders[1] / records.FILE).read_text())
    records.write(kept | {"numbers": 1}, folders[1])
    found = tpo("compare", *folders).out
    assert "second: Computed by another version of tpo" in found
    assert "first: Computed" not in found


def test_the_page_needs_nothing_but_what_records_are_checked_for(folders):
    kept = json.loads((folders[0] / records.FILE).read_text())
    page.render(list(page.drawn([{name: kept[name] for name in NEEDED}], pytest.fail)))


@pytest.fixture
def task_runs(tmp_path):
    """Two runs of a task: one of two arms, one of one of them, which is not finished, of an earlier version."""
    solved, stuck = [[0.5, 0.0], [0.5, 0.01]], [[0.5, 0.5], [0.5, 0.25]]
    records.write(make_run({"tpo": solved, "dg": stuck}), tmp_path / "runs" / "first")
    write_earlier_run(tmp_path / "runs" / "second", {"tpo": stuck}, steps=5)
    return tmp_path / "runs" / "first", tmp_path / "runs" / "second"


def test_runs_of_a_task_are_compared_as_exhibits_are(tpo, task_runs):
    row = ["tpo", "0.5", "37.5", "37", "1", "|", "never"]
    for paths in (task_runs, [task_runs[0] / records.FILE, task_runs[1] / earlier.RESULT]):
        found = tpo("compare", *paths)
        assert found.code == 0
        assert found.out.splitlines()[-3].split() == row
        head = [" ".join(line.split()) for line in found.out.splitlines()[:2]]
        assert head == [
            "error % error % second minus first, median steps",
            "arm first second points (95 %) to 1 %",
        ]


@pytest.mark.usefixtures("task_runs", "folders")
def test_runs_of_a_task_are_on_the_page_beside_exhibits(tpo, tmp_path):
    made = tpo("report", tmp_path)
    html = (tmp_path / "report.html").read_text()
    assert made.out == f"results shown: 4; page: {tmp_path / 'report.html'}\n"
    assert html.count("<svg") == 4
    assert "tpo run token-reversal · full scale · torch · runs/second · not finished" in html
    assert "tpo run token-reversal · full scale · torch · runs/first<br>length 2</p>" in html
    assert (
        '<td class="text" data-key="dg">dg</td><td data-key="37.5">37.5 ± 12</td><td data-key="37.5">37.5</td>' in html
    )


def test_the_json_of_a_run_has_the_numbers_of_each_arm(tpo, task_runs):
    told = json.loads(tpo("show", task_runs[0], "--json").out)["arms"]["tpo"]
    assert told["final_error"] == pytest.approx({"mean": 0.005, "se": 0.005, "median": 0.005})
    assert told["steps_to_1pct"] == {"of_mean": 1, "median": 1}
    assert told["seconds_per_step"] == 1


def test_what_is_not_finished_is_said_not_to_be(tpo, task_runs):
    assert "Not finished." in tpo("show", task_runs[1]).out.splitlines()
    assert "Not finished" not in tpo("show", task_runs[0]).out
    assert tpo("compare", *task_runs).out.splitlines()[-1] == "second: Not finished."


def test_before_the_first_step_there_is_no_table(tpo, tmp_path):
    records.write(make_run(DIVERGED) | {"panels": {"token-reversal": {}}, "completed": False}, tmp_path)
    assert tpo("show", tmp_path).out.splitlines() == [
        "token-reversal: 2 seeds, 2 steps (tpo run token-reversal); full scale, torch",
        "Not finished.",
        "length 2",
    ]


@pytest.fixture
def parts(tmp_path):
    """Parts of one exhibit: a panel each, with two arms."""
    for panel in ("H=7, equal prompts", "H=8, equal prompts"):
        planned = plan(catalogue()["table3"], "smoke", {}, selection=Selection(panels=(panel,), arms=("TPO", "DG")))
        record = records.record_of(planned, CellStore(tmp_path))
        records.write(record | {"panels": {panel: {"TPO": arm(0.1), "DG": arm(0.2)}}}, tmp_path / panel[:3])
    return tmp_path / "H=7", tmp_path / "H=8"


def test_a_part_says_which_panel_it_is_of(tpo, parts):
    shown = tpo("show", parts[0]).out.splitlines()
    assert [line.split()[:5] for line in shown if "TPO  " in line] == [["H=7,", "equal", "prompts", "TPO", "10"]]
    assert "changed: only H=7, equal prompts" in shown
    assert list(json.loads(tpo("show", parts[0], "--json").out)["arms"]) == [
        "H=7, equal prompts: TPO",
        "H=7, equal prompts: DG",
    ]
    for command in (("show", parts[0], "--against", "TPO"), ("compare", parts[0], parts[0])):
        assert "H=7, equal prompts" in tpo(*command).out


def test_parts_of_different_panels_have_nothing_to_compare(tpo, parts):
    refused = tpo("compare", *parts)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "error: the two records must have a panel and arm in common; got table3 (panels: 'H=7, equal prompts'; "
        "arms: 'TPO', 'DG') and table3 (panels: 'H=8, equal prompts'; arms: 'TPO', 'DG'). "
        "Compare two runs of one exhibit or task.\n"
    )


def test_a_record_of_one_arm_says_that_there_is_nothing_to_compare(tpo, tmp_path):
    records.write(make_run({"tpo": [[0.5, 0.25]]}), tmp_path)
    shown = tpo("show", tmp_path, "--against", "tpo")
    assert (shown.code, shown.out.splitlines()) == (
        0,
        [
            "token-reversal: 1 seed, 2 steps (tpo run token-reversal): final error, %",
            "Nothing to compare: no panel has tpo and another arm with all seeds.",
        ],
    )


def test_names_of_folders_are_no_markup(tpo, task_runs):
    renamed = task_runs[0].rename(task_runs[0].with_name("run[old]"))
    assert "run[old]" in tpo("compare", renamed, task_runs[1]).out


def test_what_cannot_be_read_is_left_out_of_the_page_and_said(tpo, task_runs, tmp_path):
    foreign = task_runs[0] / "files" / earlier.RESULT
    foreign.parent.mkdir()
    foreign.write_text("[]")
    made = tpo("report", tmp_path)
    assert made.code == 0
    assert made.out.startswith("results shown: 2; page: ")
    assert made.err.startswith(f"left out: {str(foreign)!r} must be a result of tpo; got a damaged or foreign file")
    assert made.err.endswith("Delete it, or run the task again.\n")


CURVE = {"steps": [0, 1], "mean": [0.5, 0.25], "se": None}
OTHERS = [
    *([], {"all": []}, {"all": {"TPO": 1}}, {"all": {"TPO": {"ours": {}}}}),
    *({"all": {"TPO": arm(0.5) | {name: {}}}} for name in ("ours", "final_error", "steps_to_1pct")),
    *(
        {"all": {"TPO": arm(0.5) | {"curves": curves}}}
        for curves in (None, [], {"error": {}}, {"error": {"mean": [1]}})
    ),
    *({"all": {"TPO": arm(0.5) | {"curves": {"error": CURVE | more}}}} for more in ({"steps": [0]}, {"se": [0.1]})),
]


@pytest.mark.parametrize("panels", OTHERS)
def test_a_record_of_other_kinds_of_things_is_refused(folders, panels):
    kept = json.loads((folders[0] / records.FILE).read_text())
    (folders[0] / records.FILE).write_text(json.dumps(kept | {"panels": panels}))
    with pytest.raises(
        OutputError, match=r"the record of an exhibit, exhibit.json; got ValueError: .* - at `\$\.panels"
    ):
        records.read(folders[0])


@pytest.mark.parametrize(
    ("number", "text"), [(0.012345, "0.01235"), (9999.4, "9999"), (9999.5, "10000"), (12345, "12345"), (1e20, "1e+20")]
)
def test_steps_keep_all_their_digits(number, text):
    assert records.in_digits(number) == text


def test_what_the_tables_of_two_exhibits_show_is_compared(tpo, folders):
    for folder, steps in zip(folders, (1600, 2400), strict=True):
        kept = json.loads((folder / records.FILE).read_text())
        kept["panels"]["all"]["TPO"]["ours"]["of_mean"] = steps
        records.write(kept | {"statistic": "steps to 5 %"}, folder)
    lines = tpo("compare", *folders).out.splitlines()
    assert "steps to 5 %" in lines[0]
    assert lines[2].split()[-3:] == ["1600", "|", "2400"]
    records.write(kept | {"statistic": "steps to 1 %"}, folders[1])
    assert "to 5 %" not in tpo("compare", *folders).out


def test_a_single_step_is_no_measure_of_a_step(tpo, tmp_path):
    records.write(make_run({"tpo": [[0.5], [0.5]]}), tmp_path / "one")
    told = json.loads(tpo("show", tmp_path / "one", "--json").out)["arms"]["tpo"]
    assert told["seconds_per_step"] is None
    assert tpo("report", tmp_path).code == 0
    assert "seconds\nper step" not in (tmp_path / "report.html").read_text()


def test_records_below_a_folder_without_one_are_named(tpo, folders):
    told = tpo("show", folders[0].parent)
    assert told.code == 2
    assert f"got none. Below it are {', '.join(sorted(map(str, folders)))}." in told.err


def test_differences_are_json_if_asked_for(tpo, task_runs):
    told = tpo("show", task_runs[0], "--against", "tpo", "--json")
    assert told.code == 0
    assert [one["arm"] for one in json.loads(told.out)] == ["dg"]
