"""The event log has every step once and in order, whatever interrupted the run."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.cells import bandit_cell
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.storage.layout import CHECKPOINT
from tpo.experiments.tracking import event_log
from tpo.experiments.tracking.event import End, Start, Step
from tpo.experiments.tracking.event_log import BEGINNING, Events

CELL = bandit_cell(steps=5)
RUNS = {"K=100: TPO, seeds 0 to 2": CELL}


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def log(tmp_path, warnings):
    opened = Events(tmp_path / "group", RUNS, warnings.append)
    yield opened
    opened.close()


def lines(folder):
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def steps(folder):
    return [line["step"] for line in lines(folder) if line["event"] == "step"]


def test_a_line_per_step_between_a_start_and_an_end(log, tmp_path):
    log.step(CELL.digest, 0, {"error": 0.5, "loss": float("nan"), "gradient_norm": 2.0})
    log.step(CELL.digest, 1, {"error": 0.25, "loss": float("inf"), "gradient_norm": 1.0})
    log.end(CELL.digest)
    start, first, second, end = lines(tmp_path / "group")
    about = {"run": "K=100: TPO, seeds 0 to 2", "digest": CELL.digest}
    run_id = start["config"].pop("id")
    assert start == {"event": "start", **about, "config": CELL.to_json() | {"group": "group"}}
    assert len(run_id) == 12
    assert first == {
        **about,
        "event": "step",
        "step": 0,
        "metrics": {"error": 0.5, "loss": None, "gradient_norm": 2.0},
    }
    assert second["metrics"] == {"error": 0.25, "loss": None, "gradient_norm": 1.0}
    assert end == {"event": "end", **about}


def test_steps_that_are_repeated_are_written_once_and_none_is_left_out(log, tmp_path):
    for step in (0, 1, 2, 0, 1, 2, 3, 5):
        log.step(CELL.digest, step, {"error": 1 / (step + 1)})
    assert steps(tmp_path / "group") == [0, 1, 2, 3]


def test_a_line_that_a_killed_process_left_is_cut_and_the_log_goes_on(log, tmp_path, warnings):
    for step in (0, 1):
        log.step(CELL.digest, step, {"error": 0.5})
    path = tmp_path / "group" / "events.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        again = Events(path.parent, RUNS, warnings.append)
        again.fill(CELL.digest, {"error": np.full((3, 5), 0.5), "seconds": np.zeros(5)})
        again.close()
        assert steps(path.parent) == [0, 1, 2, 3, 4]
        assert [line["event"] for line in lines(path.parent)] == ["start", *["step"] * 5, "end"]
    assert warnings == []


def test_what_is_done_is_completed_from_its_result_once(log, tmp_path):
    error = np.linspace(1, 0, 15).reshape(3, 5)
    for _ in range(2):
        log.fill(CELL.digest, {"error": error, "seconds": np.ones(5)})
    found = [line["metrics"] for line in lines(tmp_path / "group") if line["event"] == "step"]
    assert found == [{"error": pytest.approx(mean)} for mean in error.mean(axis=0)]
    assert len(lines(tmp_path / "group")) == 7


def test_a_log_that_cannot_be_written_is_warned_about_once(tmp_path, warnings):
    (tmp_path / "group").write_text("in the way")
    log = Events(tmp_path / "group", RUNS, warnings.append)
    log.step(CELL.digest, 0, {"error": 0.5})
    log.step(CELL.digest, 1, {"error": 0.5})
    log.end(CELL.digest)
    (warning,) = warnings
    assert warning.startswith(f"the log must be one of tpo, and writable; got '{tmp_path}/group/events.jsonl' (")
    assert warning.endswith("Training goes on; make room or delete the file, and the same command completes it.")


class FullDisk:
    """A file on a disk without room."""

    def truncate(self, size):
        assert size == 0

    def write(self, content):
        assert content.endswith(b"\n")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self):
        pass


def test_a_full_disk_is_warned_about_once(tmp_path, warnings, monkeypatch):
    monkeypatch.setattr(Path, "open", lambda *_, **__: FullDisk())
    log = Events(tmp_path, RUNS, warnings.append)
    log.step(CELL.digest, 0, {"error": 0.5})
    log.step(CELL.digest, 0, {"error": 0.5})
    assert len(warnings) == 1
    assert "No space left on device" in warnings[0]


@pytest.mark.parametrize("content", ["no JSON\n", "[1]\n", '{"event": "step"}\n'])
def test_a_foreign_log_is_left_as_it_is(tmp_path, warnings, content):
    (tmp_path / "events.jsonl").write_text(content)
    Events(tmp_path, RUNS, warnings.append).step(CELL.digest, 0, {"error": 0.5})
    assert (tmp_path / "events.jsonl").read_text() == content
    assert len(warnings) == 1


PROGRAM = """
import sys
from tpo.cli import main
from tpo.experiments.execution import recorder
recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE = 0.0, 1.0
if __name__ == "__main__":
    main(["run", "figure3", "--scale", "paper", "--jobs", "1", "--output", sys.argv[1],
          "--set", "trainer.steps=3000", "--set", "trainer.seeds=2", "--set", "trainer.seeds_per_cell=2"])
"""
MOMENTS = 6
"""Number of kills. Moments are counted in steps, 12,000 in all, so that the machine's speed does not matter."""


def lines_below(folder):
    """Count the lines of all logs below `folder`."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*/events.jsonl"))


def test_killed_at_random_moments_a_run_has_every_step_once(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    command = [sys.executable, str(script), str(tmp_path / "runs")]
    resumed = 0
    for moment in np.sort(np.random.default_rng(0).integers(1, 9000, MOMENTS)):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            while lines_below(tmp_path / "runs") < moment:
                assert process.poll() is None
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        resumed += any((tmp_path / "runs" / "cells").glob(f"*{CHECKPOINT}"))
    subprocess.run(command, check=True, capture_output=True)
    assert resumed
    (path,) = (tmp_path / "runs").glob("figure3-*/events.jsonl")
    found = {}
    for event, _ in event_log.read(path):
        found.setdefault(event.digest, []).append(event)
    assert len(found) == 4
    for digest, own in found.items():
        assert [type(event) for event in own] == [Start, *[Step] * 3000, End]
        assert [event.step for event in own[1:-1]] == list(range(3000))
        arrays = np.load(CellStore(tmp_path / "runs" / "cells").folder / f"{digest}.npz")
        means = [event.metrics["misalignment"] for event in own[1:-1]]
        np.testing.assert_array_equal(means, arrays["misalignment"].mean(axis=0))


class Full(io.FileIO):
    """A file on a disk with room for five bytes, until room is made."""

    room = 5

    def write(self, content):
        written = super().write(content[: Full.room])
        Full.room = len(BEGINNING) * 1000
        return written


def test_nothing_follows_half_a_line(tmp_path, warnings, monkeypatch):
    def steps_in_words(*steps):
        log = Events(tmp_path, RUNS, warnings.append)
        for step in steps:
            log.step(CELL.digest, step, {"error": 0.5})
        log.close()
        return (tmp_path / "events.jsonl").read_bytes()

    before, opened = steps_in_words(0), Path.open
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, mode, **_: (Full if "a" in mode else opened)(path, mode))
        assert steps_in_words(1, 2) == before + BEGINNING[:5]
    (warning,) = warnings
    assert "No space left on device" in warning
    steps_in_words(1)
    assert [line.get("step") for line in lines(tmp_path)] == [None, 0, 1]


@pytest.mark.parametrize("left", [b'{"event": "st', b'{"e', b"\0" * 40, b'{"event": "step"' + b"\0" * 9])
def test_what_a_killed_process_or_a_power_cut_left_is_cut(tmp_path, warnings, left):
    Events(tmp_path, RUNS, warnings.append).close()
    (tmp_path / "events.jsonl").write_bytes(left)
    log = Events(tmp_path, RUNS, warnings.append)
    log.step(CELL.digest, 0, {"error": 0.5})
    log.close()
    assert [line.get("step") for line in lines(tmp_path)] == [None, 0]
    assert warnings == []


@pytest.mark.parametrize("before", ["", '{"event": "end", "run": "a", "digest": "b"}\n'])
@pytest.mark.parametrize("notes", ["my notes", '{"ev3'])
def test_what_someone_else_wrote_without_an_end_of_line_is_left(tmp_path, warnings, before, notes):
    (tmp_path / "events.jsonl").write_text(before + notes)
    Events(tmp_path, RUNS, warnings.append).step(CELL.digest, 0, {"error": 0.5})
    assert (tmp_path / "events.jsonl").read_text() == before + notes
    assert len(warnings) == 1
