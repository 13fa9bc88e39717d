"""`tpo run` trains, writes files and prints."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager

import pytest

from tests.experiments.made_up import make_run, write_earlier_run
from tpo.cli import run_plans
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage import npz

SMALL = ("--backend", "torch", "--length", "2", "--batch-size", "4", "--group-size", "2", "--epochs", "1")
RUN = ("run", "token-reversal", *SMALL)


def document(folder):
    return json.loads((folder / "exhibit.json").read_text())


def table_rows(text):
    """The cells of each arm's row, by label."""
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: line[1:] for line in lines if line and line[0] in {"tpo", "grpo", "ppo", "dg"}}


def arms(folder):
    """What was measured of each arm."""
    return document(folder)["panels"]["token-reversal"]


def settings(folder):
    """What each arm was made with."""
    return {name.removeprefix("token-reversal: "): made for name, made in document(folder)["settings"].items()}


def test_the_table_shows_the_numbers_of_the_file(tpo, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "3", "--seeds", "2", "--output", tmp_path)
    assert outcome.code == 0
    assert document(tmp_path)["completed"] is True
    rows = table_rows(outcome.out)
    assert set(rows) == set(arms(tmp_path)) == {"tpo", "dg"}
    for label, arm in arms(tmp_path).items():
        ours, (first, *_) = arm["ours"], rows[label]
        assert float(first) == pytest.approx(ours["of_mean"], rel=1e-3)
        assert rows[label][1:3] == ["±", f"{ours['spread']:.2g}"]
        assert float(rows[label][-1]) == pytest.approx(arm["seconds_per_step"], rel=1e-3)
        stored = npz.read(tmp_path / "cells" / f"{Cell.from_json(settings(tmp_path)[label]).digest}.npz")[1]["error"]
        assert ours["of_mean"] == pytest.approx(100 * stored[:, -1].mean())


def test_the_table_of_known_curves_is_this(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "100", "--seeds", "2", "--output", tmp_path)
    assert trainings == ["tpo", "dg"]
    assert [line.rstrip() for line in outcome.out.splitlines()] == [
        "token-reversal: 2 seeds, 100 steps (tpo run token-reversal); full scale, torch",
        "     final error, %    median  steps to 1 %          seconds",
        "arm     (mean ± se)  of seeds      (median)  seeds  per step",
        "tpo           1 ± 0         1            99      2      0.25",
        "dg            1 ± 0         1            99      2      0.25",
        "grouping: token in tpo; batch in dg",
        "vocab_size 2, length 2, target reverse-copy, reward bag-of-tokens",
        f"numbers: {tmp_path}/exhibit.json",
        f"figure: {tmp_path}/figure.png, {tmp_path}/figure.svg, {tmp_path}/figure.pdf",
    ]


def test_off_a_terminal_each_run_is_a_line(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "4", "--output", tmp_path)
    assert outcome.err == "".join(
        f"{number} of 2: token-reversal: {label}, seed 0, 4 steps, error 25.0 %\n"
        for number, label in enumerate(("tpo", "dg"), 1)
    )
    assert len(trainings) == 2


def test_where_1_percent_was_not_reached_it_is_never(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "dg", "--steps", "2", "--output", tmp_path)
    assert table_rows(outcome.out) == {"dg": ["50", "50", "never", "1", "0.25"]}
    assert trainings == ["dg"]


def test_without_algorithms_the_usual_are_compared(tpo, trainings, tmp_path):
    assert tpo(*RUN, "--steps", "1", "--output", tmp_path).code == 0
    assert trainings == ["tpo", "grpo", "ppo", "dg"]


def test_flags_reach_the_spec(tpo, trainings, tmp_path):
    flags = "--vocab-size 3 --target copy --reward sequential --algorithms tpo,ppo --grouping sequence --steps 2"
    arms = "--group-size 3 --batch-size 5 --epochs 2 --learning-rate 0.5 --optimizer sgd"
    rest = "--seeds 3 --dtype float64 --device cpu --length 2 --backend torch"
    assert tpo("run", "token-reversal", *f"{flags} {arms} {rest}".split(), "--output", tmp_path).code == 0
    arm = {"options": {}, "epochs": 2, "batch_size": 5, "group_size": 3, "learning_rate": 0.5, "optimizer": "sgd"}
    arm["gate"] = None
    common = {
        "task": "token-reversal",
        "options": {"vocab_size": 3, "length": 2, "target": "copy", "reward": "sequential"},
        "backend": "torch",
        "device": "cpu",
        "dtype": "float64",
        "seeds": [0, 1, 2],
        "steps": 2,
    }
    assert settings(tmp_path) == {
        "tpo": {**common, "arm": {"algorithm": "tpo", "grouping": "sequence", **arm}},
        "ppo": {**common, "arm": {"algorithm": "ppo", "grouping": "batch", **arm}},
    }
    assert trainings == ["tpo", "ppo"]
    # All seeds of an arm are one cell, which earlier versions find under these names.
    digests = {path.stem for path in (tmp_path / "cells").glob("*.npz")}
    assert digests == {"77075cf52d474b4f7d97", "a23033f0a918e6c77000"}


def test_the_alias_of_other_libraries_sets_the_group_size(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "1", "--num-generations", "5", "--output", tmp_path)
    assert tpo(*arguments).code == 0
    assert settings(tmp_path)["tpo"]["arm"]["group_size"] == 5
    assert trainings == ["tpo"]


def test_a_completed_run_is_shown_again_without_training(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    first = tpo(*arguments)
    before = (tmp_path / "exhibit.json").read_bytes()
    second = tpo(*arguments)
    assert trainings == ["tpo"]
    assert (tmp_path / "exhibit.json").read_bytes() == before
    made = f"{document(tmp_path)['provenance'][0]['started_at']} with tpo 0.1.0"
    note = f"nothing was trained: all of it was computed before, on {made}. Repeat it: --overwrite\n"
    assert second == (0, first.out + note, "")


def test_overwrite_trains_again(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    tpo(*arguments)
    assert tpo(*arguments, "--overwrite").code == 0
    assert trainings == ["tpo", "tpo"]


def test_an_interrupted_run_shows_what_it_has_and_goes_on_with_the_same_command(tpo, launcher, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo,dg", "--steps", "4", "--output", tmp_path)
    launcher.stops["dg"] = 2
    left = tpo(*arguments)
    assert left.code == 130
    assert left.err.splitlines() == [
        "1 of 2: token-reversal: tpo, seed 0, 4 steps, error 25.0 %",
        "stopping: every run finishes its step and is kept; Ctrl-C again to leave at once",
        f"interrupted after 1 of 2 runs; continue with the same command. What was measured: {tmp_path}/exhibit.json",
    ]
    assert document(tmp_path)["completed"] is False
    assert arms(tmp_path)["dg"]["curves"]["error"]["mean"] == [1, 0.5]
    assert table_rows(left.out)["dg"] == ["50", "50", "never", "0", "of", "1", "0.25"]
    assert "Not finished." in left.out
    assert tpo(*arguments).code == 0
    assert launcher.trained == ["tpo", "dg", "dg"]
    assert document(tmp_path)["completed"] is True


def test_an_interrupted_overwrite_goes_on_without_it(tpo, launcher, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo,dg", "--output", tmp_path)
    assert tpo(*arguments, "--steps", "3").code == 0
    launcher.trained.clear()
    launcher.stops["dg"] = 2
    left = tpo(*arguments, "--steps", "4", "--overwrite")
    assert left.code == 130
    assert "after 1 of 2 runs; continue with the same command, without --overwrite. What was measured: " in left.err
    assert tpo(*arguments, "--steps", "4").code == 0
    assert launcher.trained == ["tpo", "dg", "dg"]
    assert settings(tmp_path)["dg"]["steps"] == 4
    assert len(list((tmp_path / "cells").glob("*.npz"))) == 2


def test_overwrite_deletes_the_cells_of_a_record_but_of_an_arm_that_cannot_be(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo,dg", "--output", tmp_path)
    assert tpo(*arguments, "--steps", "3").code == 0
    before = {path.name: npz.read(path)[0]["cell"]["arm"]["algorithm"] for path in cells_in(tmp_path)}
    record = document(tmp_path)
    record["settings"]["token-reversal: tpo"]["arm"]["epochs"] = 0
    (tmp_path / "exhibit.json").write_text(json.dumps(record))
    outcome = tpo(*arguments, "--steps", "4", "--overwrite")
    assert (outcome.code, trainings) == (0, ["tpo", "dg"] * 2), outcome.err
    assert {before[path.name] for path in cells_in(tmp_path) if path.name in before} == {"tpo"}


def cells_in(folder):
    return list((folder / "cells").glob("*.npz"))


def test_after_a_crash_in_an_overwrite_the_folder_is_not_that_of_the_old_run(tpo, launcher, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--output", tmp_path)
    tpo(*arguments, "--steps", "3")
    launcher.start = None
    assert tpo(*arguments, "--steps", "4", "--overwrite").code == 1
    del launcher.start
    assert tpo(*arguments, "--steps", "4").code == 0


def test_a_completed_result_without_its_cells_is_shown_and_stays(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    first = tpo(*arguments)
    shutil.rmtree(tmp_path / "cells")
    before = document(tmp_path)
    outcome = tpo(*arguments)
    assert outcome.out.startswith(first.out)
    assert "nothing was trained" in outcome.out
    assert document(tmp_path) == before
    assert trainings == ["tpo"]


def test_a_device_that_is_not_there_is_refused(tpo, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo", "--steps", "1", "--device", "abacus", "--output", tmp_path)
    assert outcome.code == 2
    assert outcome.err.startswith("error: the device must be one that PyTorch has here; got 'abacus'.")


@pytest.mark.usefixtures("from_an_index")
def test_without_matplotlib_the_run_succeeds_and_says_how_to_get_a_figure(tpo, trainings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    outcome = tpo(*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    assert outcome.code == 0
    assert outcome.out.splitlines()[-2:] == [
        f"numbers: {tmp_path}/exhibit.json",
        (
            "no figure: matplotlib must be installed to draw figures; got no such module. "
            'Install it: pip install "tpo[report]".'
        ),
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"cells", "events.jsonl", "exhibit.json"}
    assert trainings == ["tpo"]


def test_what_another_tpo_left_here_meanwhile_is_not_replaced(tpo, trainings, tmp_path, monkeypatch):
    theirs, runner = make_run({"tpo": [[0.5, 0.25]]}), run_plans.runner

    @contextmanager
    def late(*arguments):
        records.write(theirs, tmp_path)
        with runner(*arguments) as runs:
            yield runs

    monkeypatch.setattr(run_plans, "runner", late)
    outcome = tpo(*RUN, "--output", tmp_path)
    assert (outcome.code, outcome.out, trainings) == (2, "", [])
    names = ", ".join(f"token-reversal: {name}" for name in ("tpo", "grpo", "ppo", "dg"))
    assert f"which holds another run (of token-reversal: tpo, not {names}). Choose" in outcome.err
    assert find.read(tmp_path) == theirs


def test_a_run_of_an_earlier_version_is_shown_and_goes_on(tpo, trainings, tmp_path):
    arguments = ("run", "token-reversal", "--length", "2", "--batch-size", "4", "--group-size", "2", "--epochs", "1")
    arguments = (*arguments, "--backend", "torch", "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    write_earlier_run(tmp_path, {"tpo": [[0.5, 0.25]]})
    shown = tpo(*arguments)
    assert table_rows(shown.out) == {"tpo": ["25", "25", "never", "1", "1"]}
    assert (shown.code, trainings) == (0, [])
    assert "nothing was trained: all of it was computed before, on 2026-01-02T03:04:05+00:00" in shown.out
    assert tpo(*arguments, "--overwrite").code == 0
    assert trainings == ["tpo"]
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        *("events.jsonl", "exhibit.json", "figure.pdf", "figure.png", "figure.svg"),
    }


def test_the_list_of_runs_trains_nothing(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo,dg", "--steps", "2", "--seeds", "2", "--output", tmp_path / "new")
    listed = tpo(*arguments, "--list")
    assert [line.split(maxsplit=1)[1] for line in listed.out.splitlines()] == [
        "to run  token-reversal: tpo, seeds 0 to 1",
        "to run  token-reversal: dg, seeds 0 to 1",
    ]
    assert (listed.code, trainings, (tmp_path / "new").exists()) == (0, [], False)


def test_a_run_that_was_left_is_listed_as_begun_with_its_steps(tpo, launcher, tmp_path):
    command = (*RUN, "--algorithms", "tpo,dg,ppo", "--steps", "3", "--output", tmp_path)
    launcher.stops["dg"] = 2
    assert tpo(*command).code == 130
    assert [line.partition("  ")[2] for line in tpo(*command, "--list").out.splitlines()] == [
        "done    token-reversal: tpo, seed 0",
        "begun   token-reversal: dg, seed 0, 2 of 3 steps",
        "to run  token-reversal: ppo, seed 0",
    ]
    anew = tpo(*command, "--list", "--overwrite").out
    assert (anew.count("  to run  "), "begun" in anew) == (3, False)
