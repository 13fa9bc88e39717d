"""The output folder contains one complete run."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.made_up import PROVENANCE, make_result, make_spec
from tpo import OutputError
from tpo.experiments.analysis import store
from tpo.experiments.analysis.result import Result
from tpo.experiments.spec.cell import RESULTS_VERSION

ERRORS = {"tpo": [[0.5, 0.25], [1, 0.1]], "dg": [[0.5, 0.5], [1, 1]]}


def prepare(folder, spec, *, overwrite=False):
    return store.prepare_output(folder, spec, overwrite=overwrite)


def refuse_constant(name):
    raise AssertionError(name)


def test_a_new_folder_is_created_and_left_empty(tmp_path):
    folder = tmp_path / "runs" / "new"
    prepare(folder, make_spec())
    assert list(folder.iterdir()) == []


def test_what_is_saved_is_loaded(tmp_path):
    result = make_result(ERRORS)
    store.save(tmp_path, result)
    loaded = store.load(tmp_path)
    assert loaded.spec == result.spec
    assert loaded.provenance == PROVENANCE
    assert list(loaded.arms) == ["tpo", "dg"]
    for label, curves in result.arms.items():
        for name, values in vars(curves).items():
            np.testing.assert_array_equal(getattr(loaded.arms[label], name), values)
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_the_file_holds_everything_in_plain_words(tmp_path):
    result = make_result(ERRORS)
    store.save(tmp_path, result)
    document = json.loads((tmp_path / "result.json").read_text())
    assert document == {
        "format": 1,
        "completed": True,
        "spec": result.spec.to_json(),
        "numbers": RESULTS_VERSION,
        "provenance": {
            "started_at": PROVENANCE.started_at,
            "platform": "Test-1",
            "versions": {"tpo": "0.1.0"},
            "commit": None,
            "hardware": {},
        },
        "also": [],
        "cost": {},
        "arms": {
            "tpo": {"error": [[0.5, 0.25], [1, 0.1]], "loss": [[-0.5, -0.25], [-1, -0.1]], "seconds": [5, 1]},
            "dg": {"error": [[0.5, 0.5], [1, 1]], "loss": [[-0.5, -0.5], [-1, -1]], "seconds": [5, 1]},
        },
    }


def test_numbers_that_are_not_finite_are_null(tmp_path):
    store.save(tmp_path, make_result({"tpo": [[0.5, math.nan]], "dg": [[math.inf, 1]]}))
    text = (tmp_path / "result.json").read_text()
    arms = json.loads(text, parse_constant=refuse_constant)["arms"]
    assert arms["tpo"]["error"] == [[0.5, None]]
    assert arms["dg"]["error"] == [[None, 1]]
    np.testing.assert_array_equal(store.load(tmp_path).arms["tpo"].error, [[0.5, math.nan]])


def test_the_same_run_completed_is_handed_back(tmp_path):
    result = make_result(ERRORS)
    store.save(tmp_path, result)
    assert prepare(tmp_path, result.spec).to_json() == result.to_json()


def test_the_same_run_interrupted_is_to_be_run(tmp_path):
    result = make_result(ERRORS, steps=3)
    store.save(tmp_path, result)
    assert not store.load(tmp_path).completed
    assert prepare(tmp_path, result.spec) is None


def test_another_run_is_refused_by_what_differs(tmp_path):
    result = make_result(ERRORS)
    store.save(tmp_path, result)
    arms = {**result.spec.arms, "dg": replace(result.spec.arms["dg"], epochs=7)}
    with pytest.raises(OutputError) as caught:
        prepare(tmp_path, replace(result.spec, arms=arms))
    assert str(caught.value) == (
        f"the output folder must be empty or hold this very run; got '{tmp_path}', which holds another run "
        "(its arms.dg.epochs is 1, not 7). Choose another --output or pass --overwrite."
    )


def test_another_run_without_a_single_step_is_in_nobodys_way(tmp_path):
    store.save(tmp_path, Result(spec=make_spec(steps=9), provenance=PROVENANCE, arms={}))
    assert prepare(tmp_path, make_spec(steps=3)) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"format": 1, "comp', "JSONDecodeError: Unterminated string starting at: line 1 column 15 (char 14)"),
        ('{"loss": []}', "KeyError: 'format'"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
        (
            '{"format": 2}',
            "InvalidArgumentError: `format` must be 1; got 2. Read it with the version of tpo that wrote it.",
        ),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_by_name(tmp_path, text, reason):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(OutputError) as caught:
        prepare(tmp_path, make_spec())
    assert str(caught.value) == (
        f"'{path}' must be a result of tpo; got a damaged or foreign file ({reason}). "
        "Delete it, or run the task again with --overwrite."
    )
    assert path.read_text() == text


def test_curves_of_unequal_length_are_refused(tmp_path):
    document = make_result(ERRORS).to_json()
    document["arms"]["dg"]["seconds"].pop()
    (tmp_path / "result.json").write_text(json.dumps(document))
    text = r"the curves must be \[S, N\], \[S, N\] and \[N\]; got \(2, 2\), \(2, 2\) and \(1,\)\. Run the exp"
    with pytest.raises(OutputError, match=text):
        store.load(tmp_path)


def test_overwriting_takes_any_folder(tmp_path):
    (tmp_path / "result.json").write_text("not even JSON")
    assert prepare(tmp_path, make_spec(), overwrite=True) is None


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as caught:
        prepare(tmp_path / "file" / "below", make_spec())
    assert str(caught.value) == (
        f"the output folder must be writable; got '{tmp_path}/file/below' (Not a directory). "
        "Make room or choose another one: --output."
    )


def test_a_full_disk_leaves_the_old_result(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    store.save(tmp_path, make_result(ERRORS))
    before = (tmp_path / "result.json").read_text()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"\(No space left on device\)\. Make room or choose another one: --output\."):
        store.save(tmp_path, make_result({"tpo": [[0.0]]}))
    assert (tmp_path / "result.json").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_setting_that_one_of_two_runs_does_not_have_is_said_to_be_unset(tmp_path):
    result = make_result(ERRORS)
    store.save(tmp_path, result)
    arms = {**result.spec.arms, "dg": replace(result.spec.arms["dg"], options={"eta": None})}
    with pytest.raises(OutputError, match=r"\(its arms\.dg\.options\.eta is its default, not None\)"):
        prepare(tmp_path, replace(result.spec, arms=arms))


def test_two_that_make_sure_at_once_do_not_meet(tmp_path, monkeypatch):
    unlink = Path.unlink

    def unlink_after_another(path, **options):
        unlink(path, missing_ok=True)
        unlink(path, **options)

    monkeypatch.setattr(Path, "unlink", unlink_after_another)
    assert prepare(tmp_path, make_spec()) is None


def test_other_arms_are_named(tmp_path):
    store.save(tmp_path, make_result(ERRORS))
    spec = make_spec(steps=2)
    with pytest.raises(OutputError, match=r"\(its arms are tpo, dg, not tpo\)"):
        prepare(tmp_path, replace(spec, arms={"tpo": spec.arms["tpo"]}))
