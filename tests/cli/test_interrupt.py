"""Ctrl-C keeps the metrics so far, and the same command continues from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

PATIENCE = 60
STEPS = 300
SMALL = f"--backend torch --length 2 --batch-size 4 --group-size 2 --epochs 1 --steps {STEPS} --seeds 2 --jobs 1"


def curves(folder):
    document = json.loads((folder / "result.json").read_text())
    return document["completed"], document["arms"]


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_writes_the_steps_done_so_far_and_the_rest_follows(tmp_path):
    def command(folder):
        return [sys.executable, "-m", "tpo", "run", "token-reversal", *SMALL.split(), "--output", str(folder)]

    with subprocess.Popen(
        command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == (
            f"1 of 4: tpo on token-reversal, seeds 0 to 1, {STEPS} steps, error {first_error(tmp_path):.1f} %\n"
        )
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    completed, arms = curves(tmp_path)
    done = {label: len(one["seconds"]) for label, one in arms.items()}
    assert completed is False
    assert done["tpo"] == STEPS
    assert sum(done.values()) < 4 * STEPS
    for label, one in arms.items():
        assert [len(errors) for errors in one["error"]] == [done[label]] * 2
    assert f"results: {tmp_path}/result.json\n" in out
    assert err.splitlines()[-1] == (
        f"interrupted after {sum(done.values())} of {4 * STEPS} steps; go on with the same command. "
        f"What was measured: {tmp_path}/result.json"
    )
    whole = tmp_path / "whole"
    for folder in (tmp_path, whole):
        subprocess.run(command(folder), check=True, capture_output=True, timeout=PATIENCE)
    (completed, again), (_, expected) = curves(tmp_path), curves(whole)
    assert completed is True
    for label, one in expected.items():
        np.testing.assert_array_equal(again[label]["error"], one["error"])


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_in_the_first_process_keeps_its_steps(tmp_path):
    command = [sys.executable, "-m", "tpo", "run", "token-reversal", *SMALL.split(), "--output", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while steps_logged(tmp_path) < 20 and process.poll() is None:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err
    _, arms = curves(tmp_path)
    assert list(arms) == ["tpo"]
    assert 20 <= len(arms["tpo"]["seconds"]) < STEPS


def steps_logged(folder):
    path = folder / "events.jsonl"
    return path.read_text().count('"step":') if path.exists() else 0


def first_error(folder):
    """The error of the first run after its last step, in percent, from the log."""
    steps = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return 100 * next(line["metrics"]["error"] for line in steps if line.get("step") == STEPS - 1)
