"""`kill -9` at any moment corrupts nothing, and what was done before the last checkpoint is not done again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np

from tests.experiments.cells import bandit_cell
from tpo.experiments import archive
from tpo.experiments.measure import measure

MOMENTS = 20
PROGRAM = """
import pathlib, sys
from tests.experiments.cells import bandit_cell
from tpo.experiments import measure as module
module.CHECKPOINT_SECONDS, module.CHECKPOINT_SHARE = 0.0, 1.0

def tell(step, _):
    if step % 50 == 0:
        print(step, flush=True)

module.measure(bandit_cell(steps=4000), pathlib.Path(sys.argv[1]), tell)
"""
"""Checkpoints after every block, so that many are being written when it is killed."""


def test_killed_at_random_moments_a_run_ends_with_the_bits_of_one_that_was_not(tmp_path):
    rng = np.random.default_rng(0)
    moments = np.sort(rng.integers(1, 3000, MOMENTS))
    path, whole = tmp_path / "killed.npz", tmp_path / "whole.npz"
    measure(bandit_cell(steps=4000), whole, lambda *_: None)
    killed, resumed = 0, []
    while not path.exists():
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE)
        if killed < MOMENTS:
            # Each attempt tells the steps of those before it again.
            while int(process.stdout.readline()) < moments[killed]:
                pass
            time.sleep(rng.uniform(0.0, 0.02))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            checkpoint = path.with_suffix(".checkpoint.npz")
            if checkpoint.exists():
                resumed.append(archive.read(checkpoint)[0]["step"])
        else:
            assert process.wait() == 0
        process.stdout.close()
    (header, arrays), (_, expected) = archive.read(path), archive.read(whole)
    assert killed >= MOMENTS // 2
    assert resumed == sorted(resumed)
    assert len(set(resumed)) > 1
    assert header["resumed_at"] == (resumed[-1] if resumed else 0)
    for curve in ("error", "misalignment"):
        np.testing.assert_array_equal(arrays[curve], expected[curve])
