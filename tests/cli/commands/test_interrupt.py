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

from tpo.experiments.storage import npz

PATIENCE = 300
STEPS = 120
ALGORITHMS = ("tpo", "dg")
SMALL = (
    f"--algorithms {','.join(ALGORITHMS)} --backend torch --length 2 --batch-size 4 --group-size 2 --epochs 1 "
    f"--steps {STEPS} --seeds 2 --jobs 1"
)


def stored(folder):
    """Whether the run is complete, the steps of its arms that were measured, and the files of its cells."""
    record = json.loads((folder / "exhibit.json").read_text())
    arms = record["panels"]["token-reversal"]
    done = {label: arm["curves"]["error"]["steps"][-1] + 1 for label, arm in arms.items()}
    return record["completed"], done, sorted((folder / "cells").glob("*.npz"))


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_writes_the_steps_done_so_far_and_the_rest_follows(tmp_path):
    def command(folder):
        return [sys.executable, "-m", "tpo", "run", "token-reversal", *SMALL.split(), "--output", str(folder)]

    with subprocess.Popen(
        command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        first, error = process.stderr.readline(), first_error(tmp_path)
        run = f"token-reversal: tpo, seeds 0 to 1, {STEPS} steps"
        assert first == f"1 of {len(ALGORITHMS)}: {run}, error {error:.1f} %\n"
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    completed, done, _ = stored(tmp_path)
    assert completed is False
    assert done["tpo"] == STEPS
    assert sum(done.values()) < len(ALGORITHMS) * STEPS
    assert f"numbers: {tmp_path}/exhibit.json\n" in out
    finished = [steps for steps in done.values() if steps == STEPS]
    assert err.splitlines()[-1] == (
        f"interrupted after {len(finished)} of {len(ALGORITHMS)} runs; continue with the same command. "
        f"What was measured: {tmp_path}/exhibit.json"
    )
    whole = tmp_path / "whole"
    for folder in (tmp_path, whole):
        subprocess.run(command(folder), check=True, capture_output=True, timeout=PATIENCE)
    (completed, _, cells), (_, _, expected) = stored(tmp_path), stored(whole)
    assert completed is True
    assert [path.name for path in cells] == [path.name for path in expected]
    for ours, theirs in zip(cells, expected, strict=True):
        np.testing.assert_array_equal(npz.read(ours)[1]["error"], npz.read(theirs)[1]["error"])


@pytest.mark.usefixtures("default_sigint")
@pytest.mark.parametrize(
    ("number", "kill"),
    [
        (signal.SIGINT, os.killpg),
        (signal.SIGTERM, os.kill),
        (signal.SIGTERM, os.killpg),
        (signal.SIGHUP, os.killpg),
    ],
)
def test_ctrl_c_in_the_first_run_keeps_its_steps_and_so_do_the_signals_of_schedulers_and_terminals(
    tmp_path, number, kill
):
    command = [sys.executable, "-m", "tpo", "run", "token-reversal", *SMALL.split(), "--output", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while steps_logged(tmp_path) < 20 and process.poll() is None:
            time.sleep(0.01)
        kill(process.pid, number)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in err
    _, done, _ = stored(tmp_path)
    assert list(done) == ["tpo"]
    assert 20 <= done["tpo"] < STEPS


def steps_logged(folder):
    path = folder / "events.jsonl"
    return path.read_text().count('"step":') if path.exists() else 0


def first_error(folder):
    """The error of the first run after its last step, in percent, from the log."""
    steps = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return 100 * next(line["metrics"]["error"] for line in steps if line.get("step") == STEPS - 1)
