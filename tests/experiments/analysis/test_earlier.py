"""Runs of a task that earlier versions of tpo stored in result.json are read as records."""

import json

import pytest

from tests.experiments.made_up import PROVENANCE, make_cells, write_earlier_run
from tpo import OutputError
from tpo.experiments.analysis import earlier, find
from tpo.experiments.analysis import record as records
from tpo.experiments.spec.cell import Cell

ERRORS = {"tpo": [[0.5, 0.25], [0.5, 0.0]], "dg": [[0.5, None], [0.5, 0.5]]}


def test_it_has_the_numbers_and_settings_of_the_file(tmp_path):
    write_earlier_run(tmp_path, ERRORS)
    record = find.read(tmp_path)
    assert record == find.read(tmp_path / "result.json")
    arm = record["panels"]["token-reversal"]["tpo"]
    assert arm["ours"] == pytest.approx({"of_mean": 12.5, "median": 12.5, "spread": 12.5})
    assert arm["curves"] == {"error": {"steps": [0, 1], "mean": [0.5, 0.125], "se": [0.0, 0.125]}}
    assert arm["seconds_per_step"] == 1
    assert record["panels"]["token-reversal"]["dg"]["final_error"]["mean"] is None
    assert (record["completed"], record["numbers"], record["statistic"]) == (True, 2, "final error, %")
    assert record["provenance"] == [PROVENANCE.to_json()]
    assert (record["wall_seconds"], record["cpu_seconds"], record["peak_memory_mb"]) == (1.0, 2.0, 3.0)


def test_its_cells_are_those_of_this_version(tmp_path):
    write_earlier_run(tmp_path, ERRORS, steps=3)
    cell = make_cells(steps=3)["tpo"]
    assert Cell.from_json(find.read(tmp_path)["settings"]["token-reversal: tpo"]).digest == cell.digest


def test_the_oldest_files_say_less(tmp_path):
    document = write_earlier_run(tmp_path, ERRORS)
    for name in ("numbers", "also", "cost"):
        del document[name]
    (tmp_path / "result.json").write_text(json.dumps(document))
    record = find.read(tmp_path)
    assert (record["numbers"], record["cpu_seconds"]) == (1, None)


def test_the_error_on_the_test_set_is_reported_as_soon_as_an_arm_was_evaluated(tmp_path):
    document = write_earlier_run(tmp_path, {"tpo": [[0.9, 0.8]], "dg": [[0.9]]})
    document["arms"]["tpo"] |= {"evaluated": [2], "test_error": [[0.04]]}
    (tmp_path / "result.json").write_text(json.dumps(document))
    ((label, arm),) = find.read(tmp_path)["panels"]["token-reversal"].items()
    assert (label, arm["final_error"]["mean"]) == ("tpo", 0.04)
    assert arm["curves"]["test_error"]["steps"] == [2]


def test_what_was_interrupted_is_not_complete(tmp_path):
    write_earlier_run(tmp_path, ERRORS, steps=9)
    record = find.read(tmp_path)
    assert not record["completed"]
    assert record["panels"]["token-reversal"]["tpo"]["seeds"] == 0


def test_a_record_of_this_version_beside_it_is_the_one_that_is_read(tmp_path):
    write_earlier_run(tmp_path, ERRORS)
    records.write(find.read(tmp_path) | {"title": "new"}, tmp_path)
    assert find.read(tmp_path)["title"] == "new"
    assert find.read(tmp_path / "result.json")["title"] == "token-reversal: 2 seeds, 2 steps"
    assert [record["title"] for record in find.below(tmp_path, pytest.fail)] == ["new"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"format": 1, "comp', r"JSONDecodeError: Unterminated string starting at: line 1 column 15 \(char 14\)"),
        ('{"loss": []}', "KeyError: 'format'"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
        ('{"format": 2}', "ValueError: its format is 2, not 1"),
        ("[" * 100_000, "RecursionError"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_by_name(tmp_path, text, reason):
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(OutputError, match=rf"result.json' must be a result of tpo; got a damaged .*file \({reason}"):
        find.read(path)
    with pytest.raises(OutputError, match=r"Delete it, or run the task again\.$"):
        earlier.read(path)


@pytest.mark.parametrize(("field", "value"), [("options", None), ("options", "x"), ("task", ["a"]), ("task", {})])
def test_a_run_of_other_kinds_of_things_is_refused(tmp_path, field, value):
    document = write_earlier_run(tmp_path, ERRORS)
    document["spec"][field] = value
    (tmp_path / "result.json").write_text(json.dumps(document))
    with pytest.raises(OutputError, match=r"damaged or foreign file \(TypeError: a task "):
        find.read(tmp_path)


def test_curves_of_unequal_length_are_refused(tmp_path):
    document = write_earlier_run(tmp_path, ERRORS)
    document["arms"]["dg"]["seconds"].pop()
    (tmp_path / "result.json").write_text(json.dumps(document))
    with pytest.raises(OutputError, match=r"errors of shape \(2, 2\) of 2 seeds and seconds of shape \(1,\)"):
        find.read(tmp_path)
