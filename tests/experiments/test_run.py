"""Arms are trained one after another, and Ctrl-C loses nothing that was measured."""

from __future__ import annotations

import signal
import threading
from importlib import metadata

import numpy as np
import pytest

import tpo
from tests.experiments.made_up import fake_train, make_spec, make_step
from tpo import InvalidArgumentError, plugins, training
from tpo.experiments.run import run

PATIENCE = 10


@pytest.fixture
def ctrl_c():
    """A function that presses Ctrl-C a moment later, whoever runs the tests."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers = []

    def press():
        timers.append(threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]))
        timers[-1].start()

    yield press
    for timer in timers:
        timer.join()
    signal.signal(signal.SIGINT, previous)


def test_news_come_in_order(monkeypatch):
    monkeypatch.setattr(training, "train", fake_train)
    news = []
    run(
        make_spec(steps=2),
        lambda label, result: news.append((label, result.step)),
        on_arm=news.append,
        save=lambda result: news.append({label: curves.steps for label, curves in result.arms.items()}),
    )
    assert news == [
        *("tpo", ("tpo", 0), ("tpo", 1), {"tpo": 2}),
        *("dg", ("dg", 0), ("dg", 1), {"tpo": 2, "dg": 2}),
    ]


def test_the_result_holds_what_was_measured(monkeypatch):
    monkeypatch.setattr(training, "train", fake_train)
    spec = make_spec(steps=4)
    result = run(spec)
    assert result.completed
    assert result.spec == spec
    for curves in (result.arms["tpo"], result.arms["dg"]):
        np.testing.assert_allclose(curves.error, [[1, 1 / 2, 1 / 3, 1 / 4]] * 2, rtol=1e-7)
        np.testing.assert_array_equal(curves.loss, [[0, 1, 2, 3]] * 2)
        np.testing.assert_array_equal(curves.seconds, [0.25] * 4)


def test_provenance_names_the_versions(monkeypatch):
    monkeypatch.setattr(training, "train", fake_train)
    versions = run(make_spec(steps=1)).provenance.versions
    assert sorted(versions) == ["numpy", "python", "torch", "tpo"]
    assert versions["numpy"] == np.__version__
    assert versions["torch"] == metadata.version("torch")
    assert versions["tpo"] == tpo.__version__


def test_a_run_measures_what_training_measures():
    spec = make_spec(steps=3)
    result = run(spec)
    task, backend = spec.validate(), plugins.backend("torch")
    for label, arm in spec.arms.items():
        direct = list(training.train(task, arm, backend, seeds=(0, 1), steps=3))
        expected = np.stack([step.metrics.error for step in direct], axis=1)
        np.testing.assert_array_equal(result.arms[label].error, expected)


def test_ctrl_c_leaves_a_compiler_that_does_not_listen(monkeypatch, ctrl_c):
    compiled = threading.Event()

    def compile_forever(*_, **__):
        ctrl_c()
        compiled.wait(PATIENCE)
        yield from ()

    monkeypatch.setattr(training, "train", compile_forever)
    saved = []
    result = run(make_spec(), save=saved.append)
    assert not compiled.is_set()
    compiled.set()
    assert not result.completed
    assert result.arms == {}
    assert [later.to_json() for later in saved] == [result.to_json()]


def test_ctrl_c_keeps_the_steps_done(monkeypatch, ctrl_c):
    compiled = threading.Event()

    def stop_in_the_second_arm(task, arm, backend, *, seeds, steps, dtype):
        if arm.algorithm == "tpo":
            yield from fake_train(task, arm, backend, seeds=seeds, steps=steps, dtype=dtype)
            return
        yield make_step(0)
        yield make_step(1)
        ctrl_c()
        compiled.wait(PATIENCE)

    monkeypatch.setattr(training, "train", stop_in_the_second_arm)
    saved = []
    result = run(make_spec(steps=5), save=saved.append)
    compiled.set()
    assert not result.completed
    assert {label: curves.steps for label, curves in result.arms.items()} == {"tpo": 5, "dg": 2}
    np.testing.assert_array_equal(result.arms["dg"].error, [[1, 0.5], [1, 0.5]])
    assert [len(later.arms) for later in saved] == [1, 2]
    assert saved[-1].to_json() == result.to_json()


def test_an_error_in_training_is_raised_and_what_was_completed_is_saved(monkeypatch):
    def fail(task, arm, backend, *, seeds, steps, dtype):
        yield from fake_train(task, arm, backend, seeds=seeds, steps=steps, dtype=dtype)
        if arm.algorithm == "dg":
            raise MemoryError("too large")

    monkeypatch.setattr(training, "train", fail)
    saved = []
    with pytest.raises(MemoryError, match="too large"):
        run(make_spec(), save=saved.append)
    assert list(saved[0].arms) == ["tpo"]


def test_an_unknown_device_is_refused_before_training(monkeypatch):
    monkeypatch.delattr(training, "train")
    with pytest.raises(InvalidArgumentError, match=r"the device must be one that PyTorch has here; got 'abacus'\."):
        run(make_spec(device="abacus"))
