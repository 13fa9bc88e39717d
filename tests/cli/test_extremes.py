"""Options of any content: empty texts, numbers of any size, values nested without end."""

from __future__ import annotations

import time

import pytest

HUGE = "9" * 23
RUN = ("run", "token-reversal", "--backend", "torch")
FLAGS = ("--steps", "--seeds", "--group-size", "--batch-size", "--epochs", "--vocab-size", "--length")


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}", "9" * 4000])
def test_a_whole_number_of_any_size_is_refused_by_its_name(tpo, trainings, tmp_path, flag, number):
    found = tpo(*RUN, f"{flag}={number}", "--output", tmp_path / "runs")
    name = flag[2:].replace("-", "_")
    assert (found.code, found.out, trainings) == (2, "", [])
    assert found.err.startswith("error: `")
    assert f"{name}` must be at " in found.err
    assert "9" * 50 not in found.err
    assert not (tmp_path / "runs").exists()


SETTINGS = (
    "trainer.steps",
    "trainer.seeds",
    "trainer.seeds_per_cell",
    "arm.epochs",
    "arm.batch_size",
    "task.arms_count",
)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}"])
def test_a_setting_of_any_size_is_refused_by_its_name(tpo, tmp_path, setting, number):
    found = tpo("run", "figure3", "--list", "--set", f"{setting}={number}", "--output", tmp_path / "runs")
    assert (found.code, found.out) == (2, "")
    assert f"{setting.partition('.')[2]}` must be at " in found.err


@pytest.mark.parametrize("value", ["[" * 100_000, "{" * 5000, '{"a":' * 5000, "NaN", "1e999", "\udcff", ""])
def test_a_value_of_any_kind_is_refused(tpo, value):
    found = tpo("run", "figure3", "--list", "--set", f"arm.learning_rate={value}")
    assert (found.code, found.out) == (2, "")
    assert "learning_rate` must be " in found.err


def test_a_million_seeds_are_answered_at_once(tpo):
    began = time.monotonic()
    found = tpo("run", "table1", "--set", "trainer.seeds=1000000", "--list")
    assert (found.code, found.err) == (2, "error: `seeds` must be at most 10000; got 1000000. Take fewer.\n")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("flag", ["--output", "--device", "--backend", "--launcher", "--dtype", "--set", "--grouping"])
def test_an_empty_text_is_no_choice(tpo, trainings, flag):
    found = tpo(*RUN, flag, "")
    assert (found.code, found.out, trainings) == (2, "", [])
    assert found.err == f"error: `{flag}` must not be empty; got ''. Leave it out for what is usual.\n"


@pytest.mark.parametrize("command", [("show", ""), ("report", ""), ("compare", "", ""), ("report", "--output", "")])
def test_an_empty_path_is_not_the_current_folder(tpo, command):
    found = tpo(*command)
    assert (found.code, found.out) == (2, "")
    assert found.err.endswith("a file or folder must have a name; got an empty text.\n")


def test_a_data_folder_of_nobody_is_refused(tpo, monkeypatch):
    monkeypatch.setenv("TPO_DATA", "~nosuchuser/x")
    for command in (("data",), ("data", "mnist"), ("run", "mnist", "--backend", "torch")):
        found = tpo(*command)
        assert (found.code, found.out) == (2, "")
        assert found.err.startswith(
            "error: the environment variable TPO_DATA must name a folder; got '~nosuchuser/x' (Could not determine home"
        )
        assert found.err.endswith("Write the folder out.\n")
