"""Evaluations at some of the steps: recorded, resumed, summarized and drawn."""

from dataclasses import replace

import numpy as np
import pytest

from tests.experiments.cells import make_cell
from tests.experiments.execution.test_run_cell import ignore, leave_after
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.outcome import outcomes
from tpo.experiments.analysis.record import record_of
from tpo.experiments.analysis.statistics import final_error
from tpo.experiments.analysis.table import columns
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.run_cell import run_cell
from tpo.experiments.exhibits.images import ARMS
from tpo.experiments.figures import exhibit
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage import npz
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.storage.series import Series

OPTIONS = {"dataset": "made-up", "evaluate_every": 4}


def test_a_cell_that_was_left_has_the_evaluations_of_one_that_was_not(tmp_path):
    cell = make_cell(task="mnist", options=OPTIONS, arm=ARMS["TPO"], steps=10)
    whole, broken = tmp_path / "whole.npz", tmp_path / "broken.npz"
    run_cell(cell, whole, ignore)
    leave_after(cell, broken, 3)
    leave_after(cell, broken, 6)
    run_cell(cell, broken, ignore)
    (header, arrays), (_, expected) = npz.read(broken), npz.read(whole)
    assert header["resumed_at"] == 6
    assert header["evaluations"] == ["test_error"]
    assert arrays["evaluated"].tolist() == [4, 8, 10]
    assert arrays["test_error"].shape == (2, 3)
    assert arrays["error"].shape == (2, 10)
    np.testing.assert_array_equal(arrays["test_error"], expected["test_error"])


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """The record of figure5b on generated images, with some empty bins."""
    library = CellStore(tmp_path_factory.mktemp("cells"))
    changes = {"trainer.steps": 60, "task.evaluate_every": 25}
    planned = plan(catalogue()["figure5b"], "smoke", changes)
    library.folder.mkdir(exist_ok=True)
    for cell in planned.all_cells():
        run_cell(cell, library.path(cell), ignore)
    return planned, library, record_of(planned, library)


def test_a_record_keeps_when_it_was_evaluated_and_the_profile_of_the_end(record):
    planned, library, kept = record
    for (panel, label), (cell,) in planned.cells.items():
        arm, measured = kept["panels"][panel][label], library.load(cell)
        assert arm["curves"]["test_error"]["steps"] == [25, 50, 60]
        np.testing.assert_allclose(
            arm["curves"]["test_error"]["mean"], measured.arrays["test_error"].mean(0), rtol=1e-4
        )
        assert arm["final_error"]["mean"] == pytest.approx(measured.arrays["test_error"][:, -1].mean())
        ends = [measured.series(f"surplus_{number}").values[:, -1].mean() for number in range(5)]
        assert arm["ours"]["of_mean"] == ("no data" if np.isnan(ends[4]) else pytest.approx(ends[4]))
        assert np.isfinite(ends).any()
        for ours, end in zip(arm["profile"]["mean"], ends, strict=True):
            assert ours is None if np.isnan(end) else ours == pytest.approx(end, rel=1e-4)


def test_a_mean_of_nothing_is_said_to_be_of_no_data(record):
    planned, library, _ = record
    measured = {cell.digest: library.load(cell) for cell in planned.all_cells()}
    nothing = Series(np.array([25, 50, 60]), np.full((2, 3), np.nan))
    empty = [replace(one, statistic=final_error(nothing)) for one in outcomes(planned, measured)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "outcomes", lambda *_: empty)
        kept = record_of(planned, library)
    arm = next(iter(kept["panels"].values()))["TPO"]
    assert arm["ours"] == {"of_mean": "no data", "spread": None, "median": "no data"}
    assert [one.cells[0] for one in columns(kept)][1:3] == [("no data", "Infinity")] * 2


def test_the_figure_has_the_profile_beside_the_curves(record):
    _, _, kept = record
    curve, profile = exhibit.draw(kept).axes
    assert curve.get_xlabel() == "steps"
    assert profile.get_xlabel() == "share of the likeliest wrong class"
    np.testing.assert_array_equal(profile.get_lines()[0].get_xdata(), [0.45, 0.55, 0.65, 0.75, 0.9])
    np.testing.assert_array_equal(curve.get_lines()[0].get_xdata(), [25, 50, 60])


def test_series_of_more_seeds():
    one = Series(np.asarray([2, 4]), np.asarray([[1.0, 2.0]]))
    joined = Series.joined([one, one])
    assert joined.values.shape == (2, 2)
    assert joined.steps.tolist() == [2, 4]
    assert Series.of_every_step(np.zeros((2, 3))).steps.tolist() == [0, 1, 2]


def test_figure_1a_shares_the_runs_of_figure_5():
    exhibits = catalogue()
    cells = {
        name: {c.digest for c in plan(exhibits[name], "paper", {}).all_cells()} for name in ("figure1a", "figure5")
    }
    assert cells["figure1a"] < cells["figure5"]
    assert list(exhibits).index("figure5b") == list(exhibits).index("figure5") + 1
