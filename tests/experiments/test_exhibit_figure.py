"""The figures of the results that are kept: every arm is drawn, in percent, and nothing is cut off."""

from pathlib import Path

import numpy as np
import pytest

from tpo.experiments import exhibit_figure
from tpo.experiments import record as records

KEPT = sorted((Path(__file__).parents[2] / "results").glob("*/exhibit.json"))


@pytest.fixture(params=KEPT, ids=lambda path: path.parent.name)
def record(request):
    return records.read(request.param)


def test_there_are_results():
    assert len(KEPT) >= 7


def test_every_arm_is_drawn_in_every_panel(record):
    figure = exhibit_figure.draw(record)
    drawn = [[line.get_label() for line in axes.get_lines() if line.get_label()[0] != "_"] for axes in figure.axes]
    profiles = [] if record.get("profile") is None else ["profile"]
    panels = [(arms, [*next(iter(arms.values()))["curves"], *profiles]) for arms in record["panels"].values()]
    assert drawn == [list(arms) for arms, quantities in panels for _ in quantities]


def test_errors_are_in_percent(record):
    axes = exhibit_figure.draw(record).axes[0]
    label, arm = next(iter(next(iter(record["panels"].values())).items()))
    line = next(line for line in axes.get_lines() if line.get_label() == label)
    name, curve = next(iter(arm["curves"].items()))
    assert name in {"error", "test_error"}
    np.testing.assert_allclose(line.get_ydata(), 100 * np.asarray(curve["mean"], dtype=float))


def test_the_legend_is_not_cut_off(record):
    figure = exhibit_figure.draw(record)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    box, whole = legend.get_window_extent(), figure.bbox
    assert whole.x0 <= box.x0 < box.x1 <= whole.x1
    assert whole.y0 <= box.y0 < box.y1 <= whole.y1
