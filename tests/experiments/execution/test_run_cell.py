"""Cells that are interrupted and resumed have the same bits as uninterrupted ones."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.experiments.cells import SEQUENCE_ARM, bandit_cell, make_cell
from tpo import OutputError, PluginError
from tpo.experiments.execution import recorder as module
from tpo.experiments.execution.recorder import Recorder
from tpo.experiments.execution.run_cell import Interrupted, run_cell, training_of
from tpo.experiments.storage import machine, npz
from tpo.experiments.storage.commit import commit
from tpo.experiments.storage.provenance import Provenance, distinct, made_by

CELLS = {
    "torch": make_cell(),
    "jax": make_cell(backend="jax"),
    "torch, shared work": make_cell(arm=SEQUENCE_ARM, options={"length": 3, "reward": "terminal"}),
    "jax, shared work": make_cell(backend="jax", arm=SEQUENCE_ARM, options={"length": 3, "reward": "terminal"}),
    "numpy, in blocks": bandit_cell(),
}
SLOWEST = "jax, shared work"
NAMES = [name if name != SLOWEST else pytest.param(name, marks=pytest.mark.exhaustive) for name in CELLS]


def ignore(*_):
    pass


def leave_after(cell, path, steps):
    """Run a cell and interrupt it after `steps` steps."""
    seen = []
    with pytest.raises(Interrupted):
        run_cell(cell, path, lambda step, _: seen.append(step), stop=lambda: len(seen) >= steps)
    return len(seen)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_that_was_left_twice_gives_the_bits_of_one_that_was_not(tmp_path, name):
    cell = CELLS[name]
    whole, broken = tmp_path / "whole.npz", tmp_path / "broken.npz"
    run_cell(cell, whole, ignore)
    for steps in (2, 3):
        leave_after(cell, broken, steps)
    run_cell(cell, broken, ignore)
    (header, arrays), (_, expected) = npz.read(broken), npz.read(whole)
    assert 0 < header["resumed_at"] < cell.steps
    assert set(arrays) == set(expected)
    for curve in set(expected) - {"seconds"}:
        assert arrays[curve].shape == (len(cell.seeds), cell.steps)
        np.testing.assert_array_equal(arrays[curve], expected[curve])
    assert not broken.with_suffix(".checkpoint.npz").exists()


def test_the_state_is_the_same_to_the_bit():
    cell = make_cell(steps=4)
    whole, broken = training_of(cell), training_of(cell)
    list(whole.until(4))
    list(broken.until(2))
    again = training_of(cell)
    again.restore(2, broken.snapshot())
    list(again.until(4))
    assert whole.snapshot().keys() == again.snapshot().keys()
    for path, array in whole.snapshot().items():
        np.testing.assert_array_equal(array, again.snapshot()[path], err_msg=path)


def test_a_checkpoint_is_written_when_it_is_due_and_not_before(tmp_path, monkeypatch):
    now, written = [0.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def write(path, header, arrays):
        del path, arrays
        written.append((now[0], header.get("step")))

    monkeypatch.setattr(npz, "write", write)
    cell = bandit_cell(steps=200)

    def tick(*_):
        now[0] += 1.0

    run_cell(cell, tmp_path / "a.npz", tick)
    assert written == [(49.0, 50), (99.0, 100), (149.0, 150), (199.0, 200), (200.0, None)]


def test_checkpoints_that_are_slow_to_write_come_more_seldom(tmp_path, monkeypatch):
    now, spent = [0.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])

    def write(path, header, arrays):
        del path, arrays
        if "step" in header:
            spent.append(now[0])
            now[0] += 2.0

    monkeypatch.setattr(npz, "write", write)

    def tick(*_):
        now[0] += 1.0

    run_cell(bandit_cell(steps=1000), tmp_path / "a.npz", tick)
    assert len(spent) > 5
    assert (np.diff(spent) >= 2.0 / 0.02).all()
    assert 2.0 * len(spent) <= 0.021 * now[0]


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path):
    path = tmp_path / "a.npz"
    leave_after(make_cell(), path, 3)
    checkpoint = path.with_suffix(".checkpoint.npz")
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    with pytest.raises(OutputError, match=r"a\.checkpoint\.npz' must be a file of tpo"):
        run_cell(make_cell(), path, ignore)


def test_the_result_says_what_made_it(tmp_path):
    path = tmp_path / "a.npz"
    run_cell(make_cell(steps=2), path, ignore)
    header, arrays = npz.read(path)
    assert header["cell"] == make_cell(steps=2).to_json()
    made = header["provenance"]
    assert {"python", "tpo", "numpy", "torch"} <= set(made["versions"])
    assert made["hardware"] == machine.describe()
    assert made["commit"] == commit()
    assert datetime.fromisoformat(made["started_at"]) <= datetime.now(UTC)
    assert header["cpu_seconds"] > 0
    assert 50 < header["peak_memory_mb"] < 20_000
    assert arrays["seconds"].shape == (2,)


def test_the_result_says_what_made_all_of_its_parts(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    made = {"started_at": "2026-01-02T03:04:05+00:00", "platform": "Old-1", "versions": {"tpo": "0.0.1"}}
    with monkeypatch.context() as patched:
        patched.setattr(module, "provenance_of", lambda _: Provenance(**made))
        patched.setattr(module, "peak_memory_mb", lambda: 1e6)
        for steps in (1, 2):
            leave_after(make_cell(), path, steps)
    leave_after(make_cell(), path, 1)
    run_cell(make_cell(), path, ignore)
    header, _ = npz.read(path)
    old, new = distinct(made_by(header))
    assert old == Provenance(**made).to_json()
    assert new["platform"] != "Old-1"
    assert header["peak_memory_mb"] == 1e6


@pytest.mark.parametrize("name", ["seconds", "evaluated", "state/value", "file", "header.json", "test_error"])
def test_a_measure_whose_name_stands_for_something_else_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setattr(module, "measured_by", lambda result: {name: result.metrics.error})
    evaluation = {"test_error": np.zeros(2)} if name == "test_error" else {}
    recorder, training = Recorder(make_cell(), tmp_path / "a.npz", ignore), training_of(make_cell())
    (step,) = training.until(1)
    with pytest.raises(PluginError, match=rf"must not be reserved or used twice; got '{name}'"):
        recorder.add(step._replace(evaluation=evaluation), training)


def test_the_peak_of_memory_is_this_process_own():
    code = "from tpo.experiments.storage.machine import peak_memory_mb; print(peak_memory_mb())"
    ballast = np.ones(10**8)
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ballast.nbytes / 1e6 == 800
    assert 5 < float(found.stdout) < 400
