"""The bar says which arm is at work, and how it does."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from tests.experiments.made_up import make_spec, make_step
from tpo.cli.progress import Bar, reporter


@pytest.fixture
def progress():
    return Progress(console=Console(file=StringIO()))


def test_the_bar_spans_all_arms_and_steps(progress):
    Bar(progress, make_spec(steps=3))
    assert progress.tasks[0].total == 6


def test_an_arm_compiles_until_its_first_step_is_done(progress):
    bar = Bar(progress, make_spec())
    assert progress.tasks[0].description == "starting"
    bar.on_arm("dg")
    assert progress.tasks[0].description == "dg (2 of 2) compiling"
    bar.on_step("dg", make_step(3))
    assert progress.tasks[0].description == "dg (2 of 2) error  25.0 %"
    assert progress.tasks[0].completed == 1


def test_a_terminal_gets_the_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with reporter(make_spec()) as report:
        report.on_arm("tpo")
        report.on_step("tpo", make_step(0))
    assert isinstance(report, Bar)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "tpo (1 of 2) error 100.0 %" in captured.err
    assert "1/6" in captured.err
