"""Results of other versions are migrated if nothing has changed, and otherwise run again or refused, with a message."""

from __future__ import annotations

import numpy as np
import pytest

from tests.experiments.cells import bandit_cell, make_cell
from tests.experiments.execution.test_run_cell import leave_after
from tests.experiments.made_up import make_plan
from tpo import OutputError
from tpo.cli.rendering.record_table import print_record
from tpo.experiments.analysis import record
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.messages import ignore
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.spec import cell
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore

OUTDATED = "Computed by another version of tpo"


def without_gate(path):
    """Rewrite the file as by a version whose arms had no gate."""
    header, arrays = npz.read(path)
    del header["cell"]["arm"]["gate"]
    npz.write(path, header, arrays)


def test_a_result_of_a_version_whose_arms_had_fewer_fields_is_taken(tmp_path):
    one, library = bandit_cell(steps=3), CellStore(tmp_path)
    run_cell(one, library.path(one), ignore)
    without_gate(library.path(one))
    assert library.load(one).arrays["seconds"].shape == (3,)


def test_a_checkpoint_of_such_a_version_is_resumed(tmp_path):
    one, library = make_cell(steps=6), CellStore(tmp_path)
    leave_after(one, library.path(one), 2)
    without_gate(library.checkpoint(one))
    resumed = npz.read(library.checkpoint(one))[0]["step"]
    run_cell(one, library.path(one), ignore)
    assert npz.read(library.path(one))[0]["resumed_at"] == resumed > 0


def test_another_runs_checkpoint_is_refused_by_name(tmp_path):
    one, other, library = make_cell(steps=6), make_cell(steps=7), CellStore(tmp_path)
    leave_after(one, library.path(one), 2)
    library.checkpoint(one).rename(library.checkpoint(other))
    with pytest.raises(OutputError, match=rf"{other.digest}\.checkpoint\.npz' must be the checkpoint of the cell"):
        run_cell(other, library.path(other), ignore)


def test_results_of_a_version_with_other_numbers_are_found_to_be_outdated(tmp_path, monkeypatch):
    one, library = bandit_cell(steps=3), CellStore(tmp_path)
    run_cell(one, library.path(one), ignore)
    assert library.outdated([one]) == []
    monkeypatch.setattr(cell, "RESULTS_VERSION", cell.RESULTS_VERSION + 1)
    raised = bandit_cell(steps=3)
    assert raised.digest != one.digest
    assert library.outdated([raised]) == [raised]
    assert library.missing([raised]) == [raised]


def test_a_record_says_when_another_version_computed_its_numbers(tmp_path, capsys):
    planned = plan(catalogue()["figure3"], "smoke", {"trainer.steps": 2})
    kept = record.record_of(planned, CellStore(tmp_path))
    assert record.outdated(kept["numbers"]) is None
    print_record(kept)
    assert OUTDATED not in capsys.readouterr().out
    del kept["numbers"]
    assert record.outdated(1).startswith(OUTDATED)
    print_record(kept)
    assert OUTDATED in capsys.readouterr().out


def test_a_run_whose_arms_were_made_otherwise_says_by_what(tmp_path):
    planned, library = make_plan(steps=2), CellStore(tmp_path)
    for number, one in enumerate(planned.all_cells()):
        run_cell(one, library.path(one), ignore)
        header, arrays = npz.read(library.path(one))
        header["provenance"] |= {"commit": f"commit {number}", "started_at": f"2026-01-0{number + 1}T00:00:00+00:00"}
        npz.write(library.path(one), header, arrays)
    made = record.record_of(planned, library)["provenance"]
    assert [one["commit"] for one in made] == ["commit 0", "commit 1"]


def test_a_part_of_a_run_that_is_called_its_result_is_refused(tmp_path):
    one, library = make_cell(steps=6), CellStore(tmp_path)
    leave_after(one, library.path(one), 2)
    library.checkpoint(one).rename(library.path(one))
    with pytest.raises(OutputError, match=rf"{one.digest}\.npz' must hold all steps of its run; got a part of them"):
        library.load(one)


def test_a_result_that_is_called_a_checkpoint_is_refused(tmp_path):
    one, library = make_cell(steps=2), CellStore(tmp_path)
    run_cell(one, library.path(one), ignore)
    library.path(one).rename(library.checkpoint(one))
    with pytest.raises(OutputError, match=rf"{one.digest}\.checkpoint\.npz' must be the checkpoint of the cell"):
        run_cell(one, library.path(one), ignore)


def test_a_file_of_ours_that_is_of_no_run_is_refused(tmp_path):
    one, library = make_cell(steps=2), CellStore(tmp_path)
    npz.write(library.path(one), {"step": 2}, {"error": np.zeros((2, 2))})
    with pytest.raises(
        OutputError, match=r"must hold the result of the cell that it is named after; got another cell's\. Delete it"
    ):
        library.load(one)


def test_what_another_version_computed_is_discarded_with_the_rest(tmp_path, monkeypatch):
    old, library = bandit_cell(steps=3), CellStore(tmp_path)
    run_cell(old, library.path(old), ignore)
    monkeypatch.setattr(cell, "RESULTS_VERSION", cell.RESULTS_VERSION + 1)
    library.discard([bandit_cell(steps=3)])
    assert list(tmp_path.glob("*.npz")) == []
