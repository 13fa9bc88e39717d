"""The command line, called in this process."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.experiments.made_up import fake_train
from tpo import training
from tpo.cli import main


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
def trainings(monkeypatch):
    """The algorithms that were trained, in order; none of them really is."""
    trained = []

    def train(task, arm, backend, **arguments):
        trained.append(arm.algorithm)
        return fake_train(task, arm, backend, **arguments)

    monkeypatch.setattr(training, "train", train)
    return trained
