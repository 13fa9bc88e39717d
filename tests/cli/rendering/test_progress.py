"""Progress of runs on a terminal: one bar over all their steps."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from tests.experiments.made_up import make_plan
from tpo.cli.rendering.cell_progress import Bar, Lines, progress
from tpo.experiments.execution.messages import News

RUNS = make_plan(steps=3).runs()
CELLS = list(RUNS.values())


def news(cell, step, **changes):
    return News(cell.digest, step, {"error": 1 / step}, **changes)


@pytest.fixture
def rich_progress():
    return Progress(console=Console(file=StringIO()))


def test_the_bar_spans_all_runs_seeds_and_steps(rich_progress):
    bar = Bar(rich_progress, RUNS)
    (shown,) = rich_progress.tasks
    assert (shown.total, shown.description) == (2 * 2 * 3, "starting")
    bar(news(CELLS[1], 1))
    bar(news(CELLS[0], 2))
    assert (shown.completed, shown.description) == (2 + 4, "0 of 2 runs, token-reversal: tpo, seeds 0 to 1 at 50.0 %")
    bar(news(CELLS[0], 3))
    bar(news(CELLS[0], 3, done=True))
    bar(news(CELLS[1], 2))
    assert (shown.completed, shown.description) == (4 + 6, "1 of 2 runs, token-reversal: dg, seeds 0 to 1 at 50.0 %")


def test_what_is_told_again_after_a_worker_was_replaced_counts_once(rich_progress):
    bar = Bar(rich_progress, RUNS)
    for step in (1, 2, 1):
        bar(news(CELLS[0], step))
    assert rich_progress.tasks[0].completed == 2


def test_the_bar_tells_what_is_done_before_the_first_step(rich_progress):
    bar = Bar(rich_progress, RUNS)
    bar(News(CELLS[0].digest, stage="warm-up of seed 0, step 1 of 9"))
    (shown,) = rich_progress.tasks
    described = "0 of 2 runs, token-reversal: tpo, seeds 0 to 1 warm-up of seed 0, step 1 of 9"
    assert (shown.completed, shown.description) == (0, described)


def test_elsewhere_a_warm_up_is_told_once_for_each_run(capsys):
    lines = Lines(RUNS)
    for step in (1, 2):
        for cell in CELLS:
            lines(News(cell.digest, stage=f"warm-up of seed 0, step {step} of 2"))
    expected = [f"token-reversal: {name}, seeds 0 to 1: warm-up of seed 0, step 1 of 2" for name in ("tpo", "dg")]
    assert capsys.readouterr().err.splitlines() == expected


def test_a_terminal_gets_the_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with progress(RUNS) as show:
        show(news(CELLS[0], 1))
    assert isinstance(show, Bar)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "0 of 2 runs, token-reversal: tpo, seeds 0 to 1 at 100.0 %" in captured.err
    assert " 17 %" in captured.err


def test_nothing_to_run_shows_nothing(capsys):
    with progress({}) as show:
        show(news(CELLS[0], 1))
    assert capsys.readouterr() == ("", "")
