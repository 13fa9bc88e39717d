"""`kill -9` at any moment corrupts nothing, and work before the last checkpoint is not repeated."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.experiments.cells import bandit_cell, make_cell
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.storage import npz

CELLS = {
    "in closed form": (bandit_cell(steps=8000), 50),
    "with an optimizer's state": (make_cell(steps=200), 1),
}
"""Cells to run, with the number of steps between two printed lines."""

KILLS = [
    ("in closed form", 8),
    ("with an optimizer's state", 6),
    *(pytest.param(name, 20, marks=pytest.mark.exhaustive) for name in CELLS),
]

PROGRAM = """
import json, pathlib, sys
from tpo.experiments.execution import recorder
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.spec.cell import Cell
recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE = 0.0, 1.0
path, every, cell = pathlib.Path(sys.argv[1]), int(sys.argv[2]), Cell.from_json(json.loads(sys.argv[3]))

def tell(step, _):
    if step % every == 0:
        print(step, flush=True)

run_cell(cell, path, tell)
"""
"""A program that writes a checkpoint as often as possible, so that many kills hit a write."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), KILLS)
def test_killed_at_random_moments_a_run_ends_with_the_bits_of_one_that_was_not(tmp_path, name, kills):
    cell, every = CELLS[name]
    rng = np.random.default_rng(0)
    moments = np.sort(rng.integers(1, cell.steps // 2, kills))
    path, whole = tmp_path / "killed.npz", tmp_path / "whole.npz"
    run_cell(cell, whole, lambda *_: None)
    command = [sys.executable, "-c", PROGRAM, str(path), str(every), json.dumps(cell.to_json())]
    killed, resumed = 0, []
    while not path.exists():
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        if killed < kills:
            # Each attempt tells the steps of those before it again.
            while int(process.stdout.readline()) < moments[killed]:
                pass
            time.sleep(rng.uniform(0.0, 0.02))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            checkpoint = path.with_suffix(".checkpoint.npz")
            if checkpoint.exists():
                resumed.append(npz.read(checkpoint)[0]["step"])
        else:
            assert process.wait() == 0
        process.stdout.close()
    (header, arrays), (_, expected) = npz.read(path), npz.read(whole)
    assert killed == kills
    assert resumed == sorted(resumed)
    assert len(set(resumed)) > kills // 4
    assert header["resumed_at"] == resumed[-1]
    assert arrays.keys() == expected.keys()
    for curve in arrays.keys() - {"seconds"}:
        np.testing.assert_array_equal(arrays[curve], expected[curve], err_msg=curve)
