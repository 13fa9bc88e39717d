"""Every table and figure at the smallest scale, run as a user would: each gives a number, within fifteen minutes."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from tpo.experiments.analysis import record as records
from tpo.experiments.catalogue import catalogue
from tpo.experiments.spec.plan import plan

SCALE = "smoke"
LIMIT_SECONDS = 900
EXHIBITS = catalogue()

NOT_A_NUMBER = {
    "steps to 1 %": {None: "some steps of training do not come to 1 %"},
    "steps to 5 %": {None: "some steps of training do not come to 5 %"},
    "final surplus": {records.NO_DATA: "no image falls into the bin"},
}
"""Allowed results that are not numbers, with the reason, by statistic."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Run all exhibits, two cells at a time, with a timeout of fifteen minutes; return the output folder."""
    folder, compiled = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("compiled")
    # As for a user, what two cells compile alike is compiled once; but nothing is kept.
    cache = {"JAX_ENABLE_COMPILATION_CACHE": "true", "JAX_COMPILATION_CACHE_DIR": str(compiled)}
    command = [sys.executable, "-m", "tpo", "run", "all", "--scale", SCALE, "--jobs", "2", "--output", str(folder)]
    subprocess.run(command, check=True, timeout=LIMIT_SECONDS, env=os.environ | cache)
    return folder


@pytest.mark.parametrize("name", EXHIBITS)
def test_every_panel_and_arm_comes_to_a_number_or_says_why_not(folder, name):
    planned = plan(EXHIBITS[name], SCALE, {})
    record = records.read(folder / planned.name)
    assert record["completed"] is True
    assert {(panel, label) for panel, arms in record["panels"].items() for label in arms} == set(planned.cells)
    for panel, label in planned.cells:
        arm = record["panels"][panel][label]
        assert 0 <= arm["final_error"]["mean"] <= 1
        # The first step is left out, since it includes compilation.
        only_first, seconds = all(cell.steps == 1 for cell in planned.cells[panel, label]), arm["seconds_per_step"]
        assert seconds is None if only_first else seconds > 0
        assert arm["seeds"] == arm["seeds_planned"]
        number = arm["ours"]["of_mean"]
        assert number in NOT_A_NUMBER.get(record["statistic"], {}) or math.isfinite(number)


def test_every_record_is_that_of_an_exhibit(folder):
    found = sorted(path.parent.name for path in folder.glob(f"*/{records.FILE}"))
    assert found == sorted(plan(exhibit, SCALE, {}).name for exhibit in EXHIBITS.values())
