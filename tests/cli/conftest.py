"""The command line, called in this process."""

from __future__ import annotations

from contextlib import nullcontext
from typing import NamedTuple

import pytest

from tests.experiments.made_up import FakeLauncher
from tpo.cli import main, runner


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def tpo(capsys, monkeypatch):
    """A function that runs `tpo` with its arguments, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(caught.value.code, captured.out, captured.err)

    return call


@pytest.fixture
def launcher(monkeypatch):
    """A fake launcher that replaces processes and trains nothing."""
    launcher = FakeLauncher([])
    monkeypatch.setattr(runner, "launching", lambda *_, **__: nullcontext(launcher))
    return launcher


@pytest.fixture
def trainings(launcher):
    """The algorithms that the fake launcher was asked to train, in order."""
    return launcher.trained
