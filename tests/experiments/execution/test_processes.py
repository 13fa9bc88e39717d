"""Cells in processes: the same results for any number of jobs; lost processes are replaced, failures reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.cells import bandit_cell, make_cell
from tpo import OutputError, TPOError
from tpo.experiments.execution import processes
from tpo.experiments.execution.processes import Processes
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore


def curves(library, cells):
    return [library.load(cell).arrays["error"] for cell in cells]


def test_the_results_do_not_depend_on_how_many_run_at_once(tmp_path):
    cells = [make_cell(seeds=(seed,), steps=3) for seed in range(3)]
    one, two = CellStore(tmp_path / "one"), CellStore(tmp_path / "two")
    news = []
    assert run_all(cells, one, Processes(1), news.append)
    assert run_all(cells, two, Processes(2), lambda _: None)
    for ours, theirs in zip(curves(one, cells), curves(two, cells), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [item.digest for item in news if item.done] == [cell.digest for cell in cells]
    assert [item.step for item in news if item.digest == cells[0].digest] == [1, 2, 3, 3]
    assert one.missing(cells) == []


def test_a_process_that_is_killed_is_replaced(tmp_path):
    cell, killed = bandit_cell(steps=3000), []

    def kill_once(_):
        if not killed:
            worker = next(iter(processes.multiprocessing.active_children()))
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)

    library = CellStore(tmp_path)
    assert run_all([cell], library, Processes(1), kill_once)
    assert killed
    assert library.load(cell).arrays["error"].shape == (3, 3000)


def test_a_run_that_dies_every_time_is_given_up(tmp_path):
    cell = bandit_cell(steps=3000)

    def kill(_):
        for worker in processes.multiprocessing.active_children():
            os.kill(worker.pid, signal.SIGKILL)

    with pytest.raises(
        TPOError, match=r"tpo on single-context-bandit ended 3 times \(exit code -9\)\. The machine may"
    ):
        run_all([cell], CellStore(tmp_path), Processes(1), kill)


PARENT = """
import multiprocessing, pathlib, sys
from tests.experiments.cells import bandit_cell
from tpo.experiments.execution.processes import Processes
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.execution.run_all import run_all

def tell(news):
    if news.step == 50:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)

if __name__ == "__main__":
    run_all([bandit_cell(steps=10**6)], CellStore(pathlib.Path(sys.argv[1])), Processes(1), tell)
"""
PATIENCE = 30.0


def is_alive(pid):
    """Whether a process still runs; a zombie does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_a_worker_whose_parent_was_killed_leaves_a_checkpoint_and_ends(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])}
    with subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE, env=environment) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()
    assert pids
    end = time.monotonic() + PATIENCE
    while any(map(is_alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_alive, pids))
    (checkpoint,) = tmp_path.glob("*.checkpoint.npz")
    assert npz.read(checkpoint)[0]["step"] >= 50


def test_what_cannot_be_run_is_told_by_its_error(tmp_path):
    with pytest.raises(TPOError, match="`length` must be at least 2; got 1"):
        run_all([make_cell(options={"length": 1})], CellStore(tmp_path), Processes(1), lambda _: None)


def test_a_folder_in_use_is_refused(tmp_path):
    expected = rf"^the output folder must not be in use; got '{tmp_path}', in which another tpo is at work\. Wait"
    with CellStore(tmp_path).locked(), pytest.raises(OutputError, match=expected):
        CellStore(tmp_path).locked().__enter__()
    with CellStore(tmp_path).locked():
        assert (tmp_path / ".lock").exists()


@pytest.mark.parametrize("own", [None, "glibc.malloc.perturb=0"])
def test_processes_ask_for_huge_pages_unless_the_user_says_otherwise(monkeypatch, own):
    name, value = processes.HUGE_PAGES
    monkeypatch.delenv(name, raising=False) if own is None else monkeypatch.setenv(name, own)
    with processes.huge_pages():
        inside = subprocess.run(
            [sys.executable, "-c", f"import os; print(os.environ['{name}'])"], stdout=-1, check=True
        )
    assert inside.stdout.decode().strip() == (own or value)
    assert os.environ.get(name) == own
