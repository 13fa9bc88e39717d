"""`tpo run --estimate` and `--hours`: what is measured, said and run."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.experiments.made_up import make_cells
from tpo.cli import estimates
from tpo.cli.estimates import in_words, those_that_fit
from tpo.experiments.execution import estimate
from tpo.experiments.execution.estimate import Estimate, kind_of

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


def test_kinds_that_begin_alike_are_measured_each(trainings, tmp_path, monkeypatch):
    for module in (estimates, estimate):
        monkeypatch.setattr(module, "kind_of", lambda cell: f"000000{kind_of(cell)}")
    cell = make_cells(steps=40)["dg"]
    cells = [replace(cell, arm=replace(cell.arm, learning_rate=rate)) for rate in (0.1, 0.2)]
    values = {"launcher": "processes", "address": None, "jobs": 1}
    found = estimates.estimator(cells, values)(cells)
    assert (found.cells, found.seed_steps, found.seconds) == (2, 160, 20.0)
    assert trainings == ["dg"] * 4
    assert not list(tmp_path.iterdir())


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
    assert those_that_fit(to_run, by_steps, seconds / 3600) == (chosen, others)


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
