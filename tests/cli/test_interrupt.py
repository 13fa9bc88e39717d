"""Ctrl-C keeps what was measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

PATIENCE = 60
SMALL = "--backend torch --length 2 --batch-size 4 --group-size 2 --epochs 1 --steps 12 --seeds 2"


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_writes_the_steps_done_so_far(tmp_path):
    command = [sys.executable, "-m", "tpo", "run", "token-reversal", *SMALL.split(), "--output", str(tmp_path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "80"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("tpo: 12 steps in ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    stored = json.loads((tmp_path / "result.json").read_text())
    done = {label: len(curves["seconds"]) for label, curves in stored["arms"].items()}
    assert stored["completed"] is False
    assert done["tpo"] == 12
    assert sum(done.values()) < 4 * 12
    for label, curves in stored["arms"].items():
        assert [len(errors) for errors in curves["error"]] == [done[label]] * 2
    assert f"results: {tmp_path}/result.json\n" in out
    text = f"interrupted after {sum(done.values())} of 48 steps; what was measured: {tmp_path}/result.json"
    assert err.splitlines()[-1] == text
