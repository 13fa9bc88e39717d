"""The record of a run of a task: what its cells measured, all of it or what their checkpoints hold."""

from dataclasses import replace
from importlib import metadata

import numpy as np
import pytest

import tpo
from tests.experiments.execution.test_run_cell import leave_after
from tests.experiments.made_up import (
    PROVENANCE,
    FakeLauncher,
    make_cells,
    make_plan,
    make_result,
    make_run,
)
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.record import record_from, record_of
from tpo.experiments.execution import recorder
from tpo.experiments.execution.messages import ignore
from tpo.experiments.execution.processes import Processes
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.spec.panel_charts import panel_by_panel
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry
from tpo.training import trainer

HALVES = {"tpo": [[0.5, 0.25], [0.5, 0.0]], "dg": [[0.5, 0.5], [0.5, 0.5]]}


def ran(planned, library, launcher):
    """The arms of the record of `planned` once it was run."""
    run_all(planned.all_cells(), library, launcher, lambda _: None)
    record = record_of(planned, library)
    return record, record["panels"]["token-reversal"]


def test_an_arm_without_a_metric_has_no_curve_of_it():
    planned = make_plan(steps=2, seeds=1)
    planned = replace(planned, exhibit=replace(planned.exhibit, curves=("error", "excess_cross_entropy")))
    cells = {label: cell for (_, label), (cell,) in planned.cells.items()}
    measured = {
        cells["tpo"].digest: make_result([[0.5, 0.25]], excess_cross_entropy=[[0.1, 0.2]], evaluated=[0, 1]),
        cells["dg"].digest: make_result([[0.5, 0.5]]),
    }
    arms = record_from(planned, measured)["panels"]["token-reversal"]
    assert {label: list(arm["curves"]) for label, arm in arms.items()} == {
        "tpo": ["error", "excess_cross_entropy"],
        "dg": ["error"],
    }
    assert arms["tpo"]["curves"]["excess_cross_entropy"]["mean"] == [0.1, 0.2]


def test_it_has_what_every_record_has(tmp_path):
    record = make_run(HALVES)
    records.write(record, tmp_path)
    assert records.read(tmp_path) == record
    assert (record["exhibit"], record["backend"], record["completed"]) == ("token-reversal", "torch", True)
    assert record["title"] == "token-reversal: 2 seeds, 2 steps"
    assert record["note"] == "length 2"
    assert record["settings"]["token-reversal: dg"]["arm"]["algorithm"] == "dg"
    assert record["settings"]["token-reversal: dg"]["seeds"] == [0, 1]
    assert record["provenance"] == [PROVENANCE.to_json()]
    assert (record["cpu_seconds"], record["peak_memory_mb"], record["wall_seconds"]) == (2.0, 1.0, 12.0)


def test_its_numbers_are_those_of_the_errors():
    arm = make_run(HALVES)["panels"]["token-reversal"]["tpo"]
    assert arm["final_error"] == pytest.approx({"mean": 0.125, "median": 0.125, "se": 0.125})
    assert arm["ours"] == pytest.approx({"of_mean": 12.5, "median": 12.5, "spread": 12.5})
    assert arm["steps_to_1pct"] == {"of_mean": None, "median": None}
    assert arm["curves"] == {"error": {"steps": [0, 1], "mean": [0.5, 0.125], "se": [0.0, 0.125]}}
    assert (arm["seeds"], arm["seeds_planned"], arm["published"]) == (2, 2, None)
    assert arm["seconds_per_step"] == 1


def test_seconds_per_step_leave_the_first_out():
    arms = make_run({"tpo": make_result([[1, 1, 1, 1]], seconds=[20, 1, 2, 9]), "dg": [[1, 1, 1, 1]]})["panels"]
    assert arms["token-reversal"]["tpo"]["seconds_per_step"] == 2
    one = make_run({"tpo": make_result([[1]], seconds=[20])})["panels"]
    assert one["token-reversal"]["tpo"]["seconds_per_step"] is None


TESTED = make_result([[0.9, 0.8, 0.7], [0.9, 0.6, 0.3]], evaluated=[2, 3], test_error=[[0.5, 0.01], [0.3, 0.05]])


def test_where_there_is_a_test_set_its_error_is_the_one_reported():
    record = make_run({"tpo": TESTED, "dg": [[0.5] * 2] * 2}, error="test_error")
    ((label, arm),) = record["panels"]["token-reversal"].items()
    assert label == "tpo"
    assert arm["final_error"]["mean"] == pytest.approx(0.03)
    assert arm["curves"]["test_error"]["steps"] == [2, 3]
    assert [chart.quantities for chart in panel_by_panel(record)] == [("error",), ("test_error",)]
    assert record["note"] == "length 2; errors are those on the test set, as often as it was evaluated"


def test_before_the_first_step_there_is_nothing(tmp_path):
    record = record_of(make_plan(), CellStore(tmp_path))
    assert (record["panels"], record["completed"]) == ({"token-reversal": {}}, False)
    assert panel_by_panel(record) == []


def test_a_run_measures_what_training_measures(tmp_path):
    planned, library = make_plan(steps=3), CellStore(tmp_path)
    record, arms = ran(planned, library, Processes(2))
    backend = registry.backend("torch")
    for label, cell in make_cells(steps=3).items():
        direct = list(trainer.train(cell.validate(), cell.arm, backend, seeds=(0, 1), steps=3))
        expected = np.stack([step.metrics.error for step in direct], axis=1)
        np.testing.assert_array_equal(library.load(cell).arrays["error"], expected)
        assert arms[label]["final_error"]["mean"] == expected[:, -1].mean()
    (made,) = record["provenance"]
    assert sorted(made["versions"]) == ["numpy", "python", "torch", "tpo"]
    assert made["versions"]["torch"] == metadata.version("torch")
    assert made["versions"]["tpo"] == tpo.__version__


def test_what_was_left_before_its_end_is_shown_with_no_seed_finished(tmp_path):
    planned, library = make_plan(steps=5), CellStore(tmp_path)
    record, arms = ran(planned, library, FakeLauncher([], {"dg": 2}))
    assert not record["completed"]
    assert {label: arm["curves"]["error"]["mean"] for label, arm in arms.items()} == {
        "tpo": [1, 0.5, 0.33333, 0.25, 0.2],
        "dg": [1, 0.5],
    }
    assert {label: (arm["seeds"], arm["seeds_planned"]) for label, arm in arms.items()} == {"tpo": (2, 2), "dg": (0, 2)}
    again, arms = ran(planned, library, FakeLauncher([]))
    assert again["completed"]
    assert arms["dg"]["seeds"] == 2


def test_a_checkpoint_holds_the_curves_of_its_steps(tmp_path):
    cell, library = make_cells(steps=5)["dg"], CellStore(tmp_path)
    leave_after(cell, library.path(cell), 2)
    record = record_of(make_plan(steps=5), library)
    assert {label: arm["curves"]["error"]["steps"] for label, arm in record["panels"]["token-reversal"].items()} == {
        "dg": [0, 1]
    }
    assert record["provenance"][0]["versions"]["tpo"] == tpo.__version__


def test_a_record_names_what_made_a_part_before_a_break(tmp_path, monkeypatch):
    cell, library = make_cells(steps=4)["tpo"], CellStore(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(recorder, "provenance_of", lambda _: PROVENANCE)
        leave_after(cell, library.path(cell), 2)
    run_cell(cell, library.path(cell), ignore)
    made = record_of(make_plan(steps=4), library)["provenance"]
    assert made[0] == PROVENANCE.to_json()
    assert [one["platform"] == PROVENANCE.platform for one in made] == [True, False]


def test_a_generated_text_is_cut_to_what_a_record_can_hold(tmp_path):
    planned = replace(make_plan(), deviations=("short", "x" * 3000))
    path = records.write(record_from(planned, {}), tmp_path)
    assert records.read(path)["deviations"] == ["short", "x" * 1997 + "..."]
