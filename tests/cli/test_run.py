"""`tpo run` trains, writes files and prints."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager

import pytest

from tests.experiments.made_up import make_result
from tpo.cli import main
from tpo.cli.commands import run
from tpo.experiments.analysis import store

SMALL = ("--backend", "torch", "--length", "2", "--batch-size", "4", "--group-size", "2", "--epochs", "1")
RUN = ("run", "token-reversal", *SMALL)


def document(folder):
    return json.loads((folder / "result.json").read_text())


def table_rows(text):
    """The cells of each arm's row, by label."""
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: line[1:] for line in lines if line and line[0] in {"tpo", "grpo", "ppo", "dg"}}


def test_the_table_shows_the_numbers_of_the_file(tpo, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "3", "--seeds", "2", "--output", tmp_path)
    assert outcome.code == 0
    stored = document(tmp_path)
    assert stored["completed"] is True
    rows = table_rows(outcome.out)
    assert set(rows) == set(stored["arms"]) == {"tpo", "dg"}
    for label, curves in stored["arms"].items():
        first, second = (100 * errors[-1] for errors in curves["error"])
        # The standard error of the mean of two numbers is half their distance.
        spread = [f"{(first + second) / 2:.2f}", "±", f"{abs(first - second) / 2:.2f}"]
        reached = sum(min(errors) <= 0.01 for errors in curves["error"])
        seconds = curves["seconds"]
        assert rows[label][:3] == spread
        assert rows[label][5:] == [f"{reached}/2", f"{sum(seconds[1:]) / 2:.4f}", f"{seconds[0]:.1f}"]


def test_the_table_of_known_curves_is_this(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "100", "--seeds", "2", "--output", tmp_path)
    assert trainings == ["tpo", "dg"]
    assert outcome.out.splitlines() == [
        "     final error %  steps to 1 %  steps to 1 %   seeds   s per    first",
        "arm    (mean ± se)      (median)     (of mean)  at 1 %    step  step, s",
        "tpo    1.00 ± 0.00            99            99     2/2  0.2500      0.2",
        "dg     1.00 ± 0.00            99            99     2/2  0.2500      0.2",
        "steps to 1 %: steps done when the error was first at or below 1 %; - for never",
        f"figure: {tmp_path}/error.png, {tmp_path}/error.svg, {tmp_path}/error.pdf",
        f"results: {tmp_path}/result.json",
    ]


def test_off_a_terminal_each_run_is_a_line(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "tpo,dg", "--steps", "4", "--output", tmp_path)
    assert outcome.err == "".join(
        f"{number} of 2: {label} on token-reversal, seed 0, 4 steps, error 25.0 %\n"
        for number, label in enumerate(("tpo", "dg"), 1)
    )
    assert len(trainings) == 2


def test_where_1_percent_was_not_reached_there_is_a_dash(tpo, trainings, tmp_path):
    outcome = tpo(*RUN, "--algorithms", "dg", "--steps", "2", "--output", tmp_path)
    assert table_rows(outcome.out) == {"dg": ["50.00", "-", "-", "0/1", "0.2500", "0.2"]}
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
    assert document(tmp_path)["spec"] == {
        "task": "token-reversal",
        "options": {"vocab_size": 3, "length": 2, "target": "copy", "reward": "sequential"},
        "arms": {
            "tpo": {"algorithm": "tpo", "grouping": "sequence", **arm},
            "ppo": {"algorithm": "ppo", "grouping": "batch", **arm},
        },
        "backend": "torch",
        "device": "cpu",
        "dtype": "float64",
        "seeds": [0, 1, 2],
        "steps": 2,
    }
    assert trainings == ["tpo", "ppo"]


def test_the_alias_of_other_libraries_sets_the_group_size(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "1", "--num-generations", "5", "--output", tmp_path)
    assert tpo(*arguments).code == 0
    assert document(tmp_path)["spec"]["arms"]["tpo"]["group_size"] == 5
    assert trainings == ["tpo"]


def test_a_completed_run_is_shown_again_without_training(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    first = tpo(*arguments)
    before = (tmp_path / "result.json").read_bytes()
    second = tpo(*arguments)
    assert trainings == ["tpo"]
    assert (tmp_path / "result.json").read_bytes() == before
    made = f"{document(tmp_path)['provenance']['started_at']} with tpo 0.1.0"
    note = f"nothing was trained: this very run was completed before, on {made}. Repeat it: --overwrite\n"
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
        "1 of 2: tpo on token-reversal, seed 0, 4 steps, error 25.0 %",
        "stopping: every run finishes its step and is kept; Ctrl-C again to leave at once",
        f"interrupted after 6 of 8 steps; go on with the same command. What was measured: {tmp_path}/result.json",
    ]
    stored = document(tmp_path)
    assert (stored["completed"], stored["arms"]["dg"]["error"]) == (False, [[1, 0.5]])
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
    assert "6 of 8 steps; go on with the same command, without --overwrite. What was measured: " in left.err
    assert tpo(*arguments, "--steps", "4").code == 0
    assert launcher.trained == ["tpo", "dg", "dg"]
    assert document(tmp_path)["spec"]["steps"] == 4
    assert len(list((tmp_path / "cells").glob("*.npz"))) == 2


def test_after_a_crash_in_an_overwrite_the_folder_is_not_that_of_the_old_run(tpo, launcher, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--output", tmp_path)
    tpo(*arguments, "--steps", "3")
    launcher.start = None
    with pytest.raises(TypeError):
        main([*map(str, arguments), "--steps", "4", "--overwrite"])
    del launcher.start
    assert tpo(*arguments, "--steps", "4").code == 0


def test_a_completed_result_without_its_cells_is_shown_and_stays(tpo, trainings, tmp_path):
    arguments = (*RUN, "--algorithms", "tpo", "--steps", "2", "--output", tmp_path)
    first = tpo(*arguments)
    shutil.rmtree(tmp_path / "cells")
    before = (tmp_path / "result.json").read_bytes()
    outcome = tpo(*arguments)
    assert outcome.out.startswith(first.out)
    assert "nothing was trained" in outcome.out
    assert (tmp_path / "result.json").read_bytes() == before
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
        (
            "no figure: matplotlib must be installed to draw figures; got no such module. "
            'Install it: pip install "tpo[report]".'
        ),
        f"results: {tmp_path}/result.json",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"cells", "events.jsonl", "result.json"}
    assert trainings == ["tpo"]


def test_what_another_tpo_left_here_meanwhile_is_not_replaced(tpo, trainings, tmp_path, monkeypatch):
    theirs, runner = make_result({"tpo": [[0.5, 0.25]]}), run.runner

    @contextmanager
    def late(*arguments):
        store.save(tmp_path, theirs)
        with runner(*arguments) as runs:
            yield runs

    monkeypatch.setattr(run, "runner", late)
    outcome = tpo(*RUN, "--output", tmp_path)
    assert (outcome.code, outcome.out, trainings) == (2, "", [])
    assert "which holds another run (its arms are tpo, dg, not tpo, grpo, ppo, dg). Choose" in outcome.err
    assert store.load(tmp_path).spec == theirs.spec
