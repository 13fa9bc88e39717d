"""Cells on a Ray of this machine with two workers: the same results as in processes, lost workers are replaced."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tests.cli.commands.test_exhibit_interrupt import CHANGES
from tests.experiments.cells import SEQUENCE_ARM, bandit_cell, make_cell
from tests.experiments.execution import test_run_cell
from tpo import InvalidArgumentError, OutputError, TPOError
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.launchers import launching
from tpo.experiments.execution.messages import ignore
from tpo.experiments.execution.processes import Processes
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore

CELLS = {
    "torch": make_cell(steps=3),
    "jax": make_cell(backend="jax", steps=3),
    "shared work": make_cell(arm=SEQUENCE_ARM, options={"length": 3, "reward": "terminal"}, steps=3),
    "numpy": bandit_cell(),
}
CURVES = ("error", "loss")


@pytest.fixture(scope="module")
def ray():
    with launching("ray", jobs=2) as launcher:
        yield launcher


def parents():
    """The parent of each process of this machine."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        found[int(stat.parent.name)] = int(text.rpartition(")")[2].split()[1])
    return found


def workers():
    """The processes below this one that run a cell."""
    parent = parents()

    def is_ours(pid):
        return pid == os.getpid() or (pid in parent and is_ours(parent[pid]))

    return [pid for pid in parent if is_ours(pid) and "ray::CellActor" in command_of(pid)]


def command_of(pid):
    """The command line of a process; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def kill(pids):
    """Kill those of the processes that have not ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def leave_after(cell, library, steps):
    """Interrupt a cell after at least `steps` steps; return the number of steps in its checkpoint."""
    test_run_cell.leave_after(cell, library.path(cell), steps)
    return npz.read(library.checkpoint(cell))[0]["step"]


def test_the_results_are_those_of_processes_to_the_bit(ray, tmp_path):
    cells = list(CELLS.values())
    there, here = CellStore(tmp_path / "ray"), CellStore(tmp_path / "processes")
    news = {there: [], here: []}
    assert run_all(cells, there, ray, news[there].append)
    assert run_all(cells, here, Processes(2), news[here].append)
    for cell in cells:
        ours, theirs = there.load(cell), here.load(cell)
        assert ours.arrays.keys() == theirs.arrays.keys()
        assert ours.header["provenance"]["versions"] == theirs.header["provenance"]["versions"]
        for curve in ours.arrays.keys() - {"seconds"}:
            np.testing.assert_array_equal(ours.arrays[curve], theirs.arrays[curve])
        said = [[asdict(item) for item in items if item.digest == cell.digest] for items in news.values()]
        # Other than `==`, this takes the loss of a closed form, which is no number, for equal to itself.
        np.testing.assert_equal(said[0], said[1])
        assert [item["step"] for item in said[0]] == [*range(1, cell.steps + 1), cell.steps]
    assert {file.name for file in there.folder.iterdir()} == {there.path(cell).name for cell in cells}
    assert workers() == []


def test_a_cell_goes_on_from_the_checkpoint_of_the_library(ray, tmp_path):
    library, whole = CellStore(tmp_path / "a"), CellStore(tmp_path / "b")
    cell = make_cell()
    done = leave_after(cell, library, 4)
    assert run_all([cell], library, ray, ignore)
    run_cell(cell, whole.path(cell), ignore)
    assert library.load(cell).header["resumed_at"] == done
    for curve in CURVES:
        np.testing.assert_array_equal(library.load(cell).arrays[curve], whole.load(cell).arrays[curve])


def test_a_worker_that_is_killed_is_replaced_and_goes_on(ray, tmp_path):
    cell, killed = bandit_cell(steps=6000), []
    library, whole = CellStore(tmp_path / "a"), CellStore(tmp_path / "b")
    done = leave_after(cell, library, 1000)

    def kill_once(news):
        if not killed and news.step > done:
            killed.extend(workers())
            kill(killed)

    assert run_all([cell], library, ray, kill_once)
    assert len(killed) == 1
    run_cell(cell, whole.path(cell), ignore)
    assert library.load(cell).header["resumed_at"] == done
    for curve in ("error", "misalignment"):
        np.testing.assert_array_equal(library.load(cell).arrays[curve], whole.load(cell).arrays[curve])


def test_a_run_that_dies_every_time_is_given_up(ray, tmp_path):
    def kill_all(_):
        kill(workers())

    with pytest.raises(
        TPOError, match=r"tpo on single-context-bandit ended 3 times \(a lost worker \(ActorDiedError\)\)"
    ):
        run_all([bandit_cell(steps=10**6)], CellStore(tmp_path), ray, kill_all)


def test_what_cannot_be_run_is_told_by_its_error(ray, tmp_path):
    with pytest.raises(TPOError, match=r"^`length` must be at least 2; got 1"):
        run_all([make_cell(options={"length": 1})], CellStore(tmp_path), ray, ignore)
    assert ray.running == 0


def test_a_damaged_checkpoint_is_refused_by_the_name_that_the_user_knows(ray, tmp_path):
    cell, library = make_cell(), CellStore(tmp_path)
    library.checkpoint(cell).write_bytes(b"nothing")
    with pytest.raises((TPOError, OutputError)) as caught:
        run_all([cell], library, ray, ignore)
    assert str(caught.value).startswith(f"{str(library.checkpoint(cell))!r} must be a file of tpo;")


def test_an_address_where_no_ray_is(tmp_path):
    with launching("ray", address="127.0.0.1:1") as launcher, pytest.raises(InvalidArgumentError) as caught:
        run_all([bandit_cell()], CellStore(tmp_path), launcher, ignore)
    assert str(caught.value) == (
        "`--address` must be that of a Ray that runs; got '127.0.0.1:1' ([Errno 111] Connection refused). "
        "Start one there: ray start --head."
    )


COMMAND = [
    *(sys.executable, "-m", "tpo", "run", "figure3", "--scale", "paper", "--jobs", "1"),
    *(argument for name, value in CHANGES.items() for argument in ("--set", f"{name}={value}")),
]


@pytest.mark.usefixtures("default_sigint")
def test_ctrl_c_loses_nothing(tmp_path):
    launcher, broken = ("--launcher", "ray"), CellStore(tmp_path / "broken" / "cells")
    process = subprocess.Popen(
        [*COMMAND, *launcher, "--output", str(tmp_path / "broken")],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    first = process.stderr.readline()
    assert first.startswith("1 of 4: ")
    os.killpg(process.pid, signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert re.search(r"interrupted after [123] of 4 runs; continue with the same command\.", rest)
    assert "Traceback" not in rest

    cells = plan(catalogue()["figure3"], "paper", CHANGES).all_cells()
    assert 1 <= len([cell for cell in cells if broken.path(cell).exists()]) < 4
    again = subprocess.run(
        [*COMMAND, *launcher, "--output", str(tmp_path / "broken")], check=True, capture_output=True, text=True
    )
    assert [line.partition(":")[0] for line in again.stderr.splitlines()][-1] in {"1 of 1", "2 of 2", "3 of 3"}
    whole = CellStore(tmp_path / "whole" / "cells")
    subprocess.run([*COMMAND, "--output", str(tmp_path / "whole")], check=True, capture_output=True)
    for cell in cells:
        np.testing.assert_array_equal(broken.load(cell).arrays["error"], whole.load(cell).arrays["error"])
