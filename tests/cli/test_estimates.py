"""`tpo run --estimate` and `--hours`: what is measured, said and run."""

import re
from pathlib import Path

import pytest

from tpo.cli.estimates import in_words, those_that_fit
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


def test_the_cheapest_that_fit_are_chosen():
    found = {Path(name): Estimate(cells=1, seed_steps=1, seconds=s) for name, s in (("a", 60), ("b", 30), ("c", 20))}
    assert those_that_fit(found, 51 / 3600) == [Path("c"), Path("b")]
    assert those_that_fit(found, 49 / 3600) == [Path("c")]
    assert those_that_fit(found, 1) == [Path("c"), Path("b"), Path("a")]


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
