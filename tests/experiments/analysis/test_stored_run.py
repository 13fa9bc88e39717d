"""The output folder of a task holds one run."""

from dataclasses import replace

import pytest

from tests.experiments.made_up import ARMS, make_plan, make_run, write_earlier_run
from tpo import OutputError
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.find import stored_run

ERRORS = {"tpo": [[0.5, 0.25], [1, 0.1]], "dg": [[0.5, 0.5], [1, 1]]}


def test_an_empty_folder_and_one_that_is_not_there_are_free(tmp_path):
    assert stored_run(tmp_path, make_plan()) is stored_run(tmp_path / "new", make_plan()) is None


def test_the_same_run_completed_is_handed_back(tmp_path):
    record = make_run(ERRORS)
    records.write(record, tmp_path)
    assert stored_run(tmp_path, make_plan(steps=2)) == record


def test_so_is_one_that_an_earlier_version_stored(tmp_path):
    write_earlier_run(tmp_path, {"tpo": ERRORS["tpo"]})
    found = stored_run(tmp_path, make_plan(steps=2, arms={"tpo": ARMS["tpo"]}))
    assert found["panels"]["token-reversal"]["tpo"]["final_error"]["mean"] == pytest.approx(0.175)


def test_the_same_run_interrupted_is_to_be_run(tmp_path):
    records.write(make_run(ERRORS, steps=3), tmp_path)
    assert stored_run(tmp_path, make_plan(steps=3)) is None


def test_a_setting_without_content_is_another_run(tmp_path):
    record = make_run(ERRORS)
    label = next(iter(record["settings"]))
    record["settings"][label]["arm"]["options"]["more"] = {}
    records.write(record, tmp_path)
    with pytest.raises(OutputError, match=rf"holds another run \({label} has a setting without content\)"):
        stored_run(tmp_path, make_plan(steps=2))


def test_another_run_without_a_single_step_is_in_nobodys_way(tmp_path):
    records.write(make_run(ERRORS) | {"panels": {"token-reversal": {}}}, tmp_path)
    assert stored_run(tmp_path, make_plan(steps=9)) is None


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"epochs": 7}, "the arm.epochs of token-reversal: dg is 1, not 7"),
        ({"options": {"eta": 2.0}}, "the arm.options.eta of token-reversal: dg is its default, not 2.0"),
    ],
)
def test_another_run_is_refused_by_what_differs(tmp_path, changes, difference):
    records.write(make_run(ERRORS), tmp_path)
    arms = {**ARMS, "dg": replace(ARMS["dg"], **changes)}
    with pytest.raises(OutputError) as caught:
        stored_run(tmp_path, make_plan(steps=2, arms=arms))
    assert str(caught.value) == (
        f"the output folder must be empty or hold this very run; got '{tmp_path}', which holds another run "
        f"({difference}). Choose another --output or pass --overwrite."
    )


def test_other_arms_are_named(tmp_path):
    records.write(make_run(ERRORS), tmp_path)
    names = r"\(of token-reversal: tpo, token-reversal: dg, not token-reversal: tpo\)"
    with pytest.raises(OutputError, match=names):
        stored_run(tmp_path, make_plan(steps=2, arms={"tpo": ARMS["tpo"]}))


def test_a_run_that_another_version_computed_is_refused(tmp_path):
    records.write(make_run(ERRORS) | {"numbers": 1}, tmp_path)
    with pytest.raises(OutputError) as caught:
        stored_run(tmp_path, make_plan(steps=2))
    assert str(caught.value) == (
        f"the output folder must be empty or hold results of this version; got '{tmp_path}', which holds this run "
        "as another version of tpo computed it. Choose another --output or pass --overwrite."
    )


@pytest.mark.parametrize("name", ["exhibit.json", "result.json"])
def test_a_damaged_record_is_refused_with_the_remedy(tmp_path, name):
    (tmp_path / name).write_text("{")
    with pytest.raises(OutputError, match=r"; got .*Error.* To replace it, pass --overwrite\.$"):
        stored_run(tmp_path, make_plan())
