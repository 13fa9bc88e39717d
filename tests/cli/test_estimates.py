"""`tpo run --estimate` and `--hours`: what is measured, said and run."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.experiments.made_up import make_cells
from tpo.cli.estimates import estimator, in_words, those_that_fit
from tpo.experiments.execution.estimate import Estimate

RUN = ("run", "token-reversal", "--backend", "torch", "--algorithms", "dg", "--length", "2", "--steps", "40")
SMALL = (*RUN, "--batch-size", "2", "--jobs", "1")


def test_an_estimate_leaves_nothing_behind_and_says_how_much_there_is_to_do(tpo, tmp_path):
    result = tpo(*SMALL, "--estimate", "--output", tmp_path / "run")
    assert result.code == 0, result.err
    assert re.search(r"token-reversal\S*: \d+ s for 1 of 1 runs, 40 of 40 steps times seeds \(0 % done\)", result.out)
    assert not list(tmp_path.rglob("*.npz"))


def test_what_is_done_already_is_not_estimated(tpo, tmp_path):
    output = ("--output", tmp_path)
    assert tpo(*SMALL, *output).code == 0
    result = tpo(*SMALL, "--estimate", *output)
    assert "0 s for 0 of 1 runs, 0 of 40 steps times seeds (100 % done)" in result.out


def test_what_does_not_fit_is_left_out_and_told(tpo, tmp_path):
    output = ("--output", tmp_path)
    result = tpo(*SMALL, "--hours", "0.0000001", *output)
    assert result.code == 0, result.err
    assert re.search(r"left out, with the 1e-07 h given: token-reversal\S*, \d+ s", result.err)
    assert not list(tmp_path.rglob("exhibit.json"))
    result = tpo(*SMALL, "--hours", "1", *output)
    assert result.code == 0, result.err
    assert len(list(tmp_path.rglob("exhibit.json"))) == 1


def test_what_is_overwritten_is_estimated_and_listed_as_if_nothing_were_there(tpo, trainings, tmp_path):
    arguments = (*SMALL, "--output", tmp_path)
    assert tpo(*arguments).code == 0
    estimated = tpo(*arguments, "--overwrite", "--estimate").out
    name = "token-reversal-full-torch"
    assert estimated == f"{name}: 10 s for 1 of 1 runs, 40 of 40 steps times seeds (0 % done)\n"
    assert re.fullmatch(r"\w+  to run  token-reversal: dg, seed 0\n", tpo(*arguments, "--overwrite", "--list").out)
    trainings.clear()
    left = tpo(*arguments, "--overwrite", "--hours", "0.0025")
    assert (left.code, left.err.splitlines()[-1]) == (0, f"left out, with the 0.0025 h given: {name}, 10 s")
    assert trainings == ["dg"] * 2  # the probes


VALUES = {"launcher": "processes", "address": None, "jobs": 1}


def cells_of(*algorithms, steps=40, rates=(0.1, 0.2)):
    """Cells of two learning rates for each algorithm, by name."""
    made = make_cells(steps=steps)
    return {
        f"{name} at {rate}": replace(made[name], arm=replace(made[name].arm, learning_rate=rate))
        for name in algorithms
        for rate in rates
    }


def test_arms_of_one_algorithm_are_measured_each_under_the_name_of_the_run(trainings, tmp_path, capsys):
    runs = cells_of("dg")
    found = estimator({tmp_path: runs}, VALUES)([*runs.values()])
    assert (found.cells, found.seed_steps, found.seconds) == (2, 160, 20.0)
    assert trainings == ["dg"] * 4
    assert capsys.readouterr().err.splitlines() == [
        "1 of 2: dg at 0.1, 3 steps, error 33.3 %",
        "2 of 2: dg at 0.2, 3 steps, error 33.3 %",
        "1 of 2: dg at 0.1, 6 steps, error 16.7 %",
        "2 of 2: dg at 0.2, 6 steps, error 16.7 %",
    ]
    assert not list(tmp_path.iterdir())


def test_runs_are_told_apart_by_panel_and_arm_while_they_are_measured(tpo, trainings, tmp_path):
    told = tpo(*SMALL, "--estimate", "--output", tmp_path)
    assert trainings == ["dg"] * 2
    assert told.err.splitlines()[0] == "1 of 1: token-reversal: dg, seed 0, 3 steps, error 33.3 %"


def test_no_more_is_measured_of_a_plan_that_takes_longer_than_there_is_time(trainings):
    long, short = cells_of("tpo", steps=4000), cells_of("dg")
    estimated = estimator({A: long, B: short}, VALUES, limit=60)
    # Of the first plan, one cell takes 1,000 s.
    assert trainings == ["tpo"] * 2 + ["dg"] * 4
    chosen, others = those_that_fit({A: [*long.values()], B: [*short.values()]}, estimated, 60)
    assert chosen == [B]
    assert (others[A].seconds, others[A].unmeasured) == (1000, 1)


def test_a_plan_that_was_not_measured_to_its_end_is_left_out_and_told_as_such(tpo, trainings, tmp_path):
    told = tpo(*SMALL, "--algorithms", "dg,tpo", "--hours", "0.0025", "--output", tmp_path)
    assert told.err.splitlines()[-1] == ("left out, with the 0.0025 h given: token-reversal-full-torch, at least 10 s")
    assert trainings == ["dg"] * 2


def test_a_cell_that_is_short_is_measured_once(trainings):
    runs = cells_of("dg", steps=5, rates=(0.1,))
    assert estimator({A: runs}, VALUES)([*runs.values()]).seconds == pytest.approx(1.25)
    assert trainings == ["dg"]


A, B, C = (Path(name) for name in "abc")
X, Y, Z = (make_cells(steps=steps)["dg"] for steps in (10, 20, 30))


def by_steps(cells):
    """An estimate in which a step takes a second."""
    return Estimate(cells=len(cells), seed_steps=1, seconds=float(sum(cell.steps for cell in cells)))


@pytest.mark.parametrize(
    ("to_run", "seconds", "chosen", "others"),
    [
        ({A: [Z], B: [Y], C: [X]}, 31, [C, B], {A: 30}),
        ({A: [Z], B: [Y], C: [X]}, 29, [C], {A: 30, B: 20}),
        ({A: [Z], B: [Y], C: [X]}, 60, [C, B, A], {}),
        # What the first has in common with the second is run by the second if the first is left out.
        ({A: [Y], B: [Y, X]}, 15, [], {A: 20, B: 30}),
        ({A: [Y, X], B: [Y]}, 30, [B, A], {}),
        ({A: [Y, X], B: [Y, Z]}, 59, [A], {B: 30}),
        ({A: [Y, X], B: [Y, Z]}, 60, [A, B], {}),
        ({}, 1, [], {}),
    ],
)
def test_the_cheapest_that_fit_are_chosen(to_run, seconds, chosen, others):
    found, left_out = those_that_fit(to_run, by_steps, seconds)
    assert (found, {folder: one.seconds for folder, one in left_out.items()}) == (chosen, others)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2.0 h")]
)
def test_times_are_told_in_a_fitting_unit(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "x"])
def test_impossible_hours_are_refused(tpo, hours, tmp_path):
    result = tpo(*SMALL, "--hours", hours, "--output", tmp_path)
    assert result.code == 2
    assert "--hours" in result.err
