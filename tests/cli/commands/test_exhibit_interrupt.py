"""Ctrl-C during an exhibit keeps finished cells and checkpoints of the others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.storage.npz import read

CHANGES = {"trainer.steps": 6000, "trainer.seeds": 3, "trainer.seeds_per_cell": 3}
COMMAND = [
    *(sys.executable, "-m", "tpo", "run", "figure3", "--scale", "paper", "--jobs", "1"),
    *(argument for name, value in CHANGES.items() for argument in ("--set", f"{name}={value}")),
]


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_loses_nothing(tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "--output", str(tmp_path / "broken")], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    first = process.stderr.readline()
    assert first.startswith("1 of 4: ")
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stderr.read()
    assert process.wait() == 130, rest
    assert re.search(r"interrupted after [123] of 4 runs; continue with the same command\. What was measured: ", rest)
    assert "Traceback" not in rest
    process.stderr.close()

    cells = plan(catalogue()["figure3"], "paper", CHANGES).all_cells()
    broken, whole = (CellStore(tmp_path / name / "cells") for name in ("broken", "whole"))
    finished = {cell.digest: broken.path(cell).stat().st_mtime_ns for cell in cells if broken.path(cell).exists()}
    assert 1 <= len(finished) < 4
    for name in ("broken", "whole"):
        subprocess.run([*COMMAND, "--output", str(tmp_path / name)], check=True, capture_output=True)
    for cell in cells:
        np.testing.assert_array_equal(broken.load(cell).arrays["error"], whole.load(cell).arrays["error"])
        assert finished.get(cell.digest, 0) in {0, broken.path(cell).stat().st_mtime_ns}
    assert all(read(whole.path(cell))[0]["resumed_at"] == 0 for cell in cells)
