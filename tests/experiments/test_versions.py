"""Results of other versions are migrated if nothing has changed, and otherwise run again or refused, with a message."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments.cells import bandit_cell, make_cell
from tests.experiments.made_up import make_result, make_spec
from tests.experiments.test_measure import leave_after
from tpo import OutputError
from tpo.cli.rendering.record_table import print_record
from tpo.experiments.analysis import record, store
from tpo.experiments.analysis.result import Result, result_of
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.run_cell import ignore, run_cell
from tpo.experiments.spec import cell
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore

OUTDATED = "Computed by another version of tpo"
ERRORS = {"tpo": [[0.5, 0.2, 0], [0.7, 0.4, 0]]}


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
    with pytest.raises(OutputError, match=rf"{other.digest}\.checkpoint\.npz' must be the checkpoint of the run"):
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


def test_a_whole_result_with_other_numbers_is_refused(tmp_path):
    result = replace(make_result(ERRORS), numbers=1)
    store.save(tmp_path, result)
    with pytest.raises(OutputError) as caught:
        store.prepare_output(tmp_path, result.spec, overwrite=False)
    assert str(caught.value) == (
        f"the output folder must be empty or hold results of this version; got '{tmp_path}', which holds this run "
        "as another version of tpo computed it. Choose another --output or pass --overwrite."
    )
    assert store.prepare_output(tmp_path, result.spec, overwrite=True) is None


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
    spec, library = make_spec(steps=2), CellStore(tmp_path)
    for number, one in enumerate(spec.cells().values()):
        run_cell(one, library.path(one), ignore)
        header, arrays = npz.read(library.path(one))
        header["provenance"] |= {"commit": f"commit {number}", "started_at": f"2026-01-0{number + 1}T00:00:00+00:00"}
        npz.write(library.path(one), header, arrays)
    result = result_of(spec, library)
    assert result.provenance.commit == "commit 0"
    assert [one.commit for one in result.also] == ["commit 1"]
    assert Result.from_json(result.to_json()).also == result.also


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
    with pytest.raises(OutputError, match=rf"{one.digest}\.checkpoint\.npz' must be the checkpoint of the run"):
        run_cell(one, library.path(one), ignore)


def test_a_file_of_ours_that_is_of_no_run_is_refused(tmp_path):
    one, library = make_cell(steps=2), CellStore(tmp_path)
    npz.write(library.path(one), {"step": 2}, {"error": np.zeros((2, 2))})
    with pytest.raises(OutputError, match=r"must be of the run that it is named by; got another run's\. Delete it"):
        library.load(one)


def test_what_another_version_computed_is_discarded_with_the_rest(tmp_path, monkeypatch):
    old, library = bandit_cell(steps=3), CellStore(tmp_path)
    run_cell(old, library.path(old), ignore)
    monkeypatch.setattr(cell, "RESULTS_VERSION", cell.RESULTS_VERSION + 1)
    library.discard([bandit_cell(steps=3)])
    assert list(tmp_path.glob("*.npz")) == []
