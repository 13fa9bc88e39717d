"""The result of a run is that of its cells, or of their checkpoints."""

from __future__ import annotations

from importlib import metadata

import numpy as np

import tpo
from tests.experiments.made_up import PROVENANCE, FakeLauncher, make_spec
from tests.experiments.test_measure import leave_after
from tpo.experiments.analysis.result import result_of
from tpo.experiments.execution import run_cell
from tpo.experiments.execution.pool import run_all
from tpo.experiments.execution.processes import Processes
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry
from tpo.training import trainer


def ran(spec, library, launcher):
    """Run `spec`; return the result and the messages."""
    news = []
    run_all(list(spec.cells().values()), library, launcher, news.append)
    return result_of(spec, library), news


def test_the_result_holds_what_was_measured(tmp_path):
    spec = make_spec(steps=4)
    result, news = ran(spec, CellStore(tmp_path), FakeLauncher([]))
    assert result.completed
    assert result.spec == spec
    assert result.provenance == PROVENANCE
    assert [one.step for one in news if one.digest == spec.cells()["dg"].digest] == [1, 2, 3, 4, 4]
    for curves in (result.arms["tpo"], result.arms["dg"]):
        np.testing.assert_allclose(curves.error, [[1, 1 / 2, 1 / 3, 1 / 4]] * 2, rtol=1e-7)
        np.testing.assert_array_equal(curves.loss, [[0, 1, 2, 3]] * 2)
        np.testing.assert_array_equal(curves.seconds, [0.25] * 4)


def test_a_run_measures_what_training_measures(tmp_path):
    spec = make_spec(steps=3)
    result, _ = ran(spec, CellStore(tmp_path), Processes(2))
    task, backend = spec.validate(), registry.backend("torch")
    for label, arm in spec.arms.items():
        direct = list(trainer.train(task, arm, backend, seeds=(0, 1), steps=3))
        expected = np.stack([step.metrics.error for step in direct], axis=1)
        np.testing.assert_array_equal(result.arms[label].error, expected)
    versions = result.provenance.versions
    assert sorted(versions) == ["numpy", "python", "torch", "tpo"]
    assert versions["numpy"] == np.__version__
    assert versions["torch"] == metadata.version("torch")
    assert versions["tpo"] == tpo.__version__


def test_what_was_left_before_its_end_counts(tmp_path):
    spec, library, trained = make_spec(steps=5), CellStore(tmp_path), []
    result, _ = ran(spec, library, FakeLauncher(trained, {"dg": 2}))
    assert not result.completed
    assert {label: curves.steps for label, curves in result.arms.items()} == {"tpo": 5, "dg": 2}
    np.testing.assert_array_equal(result.arms["dg"].error, [[1, 0.5], [1, 0.5]])
    again, _ = ran(spec, library, FakeLauncher(trained))
    assert again.completed


def test_a_checkpoint_holds_the_curves_of_its_steps(tmp_path):
    spec, library = make_spec(steps=5), CellStore(tmp_path)
    cell = spec.cells()["dg"]
    leave_after(cell, library.path(cell), 2)
    result = result_of(spec, library)
    assert {label: curves.steps for label, curves in result.arms.items()} == {"dg": 2}
    assert result.provenance.versions["tpo"] == tpo.__version__


def test_before_the_first_step_there_is_nothing(tmp_path):
    result = result_of(make_spec(), CellStore(tmp_path))
    assert (result.arms, result.completed) == ({}, False)


def test_a_result_names_what_made_a_part_before_a_break(tmp_path, monkeypatch):
    spec, library = make_spec(steps=4), CellStore(tmp_path)
    cell = spec.cells()["tpo"]
    with monkeypatch.context() as patched:
        patched.setattr(run_cell, "provenance_of", lambda _: PROVENANCE)
        leave_after(cell, library.path(cell), 2)
    run_cell.run_cell(cell, library.path(cell), run_cell.ignore)
    result = result_of(spec, library)
    assert result.provenance == PROVENANCE
    assert [one.platform == PROVENANCE.platform for one in result.also] == [False]
