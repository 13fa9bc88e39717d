"""The figure of a run shows what was measured."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.experiments.analysis.test_task_record import TESTED
from tests.experiments.made_up import make_run
from tpo import NotInstalledError
from tpo.experiments.figures import exhibit

ERRORS = {"tpo": [[0.5, 0.2, 0], [0.7, 0.4, 0]], "dg": [[0.5, 0.5, 0.5], [0.9, 0.7, 0.5]]}


def axes_of(errors, **changes):
    (axes,) = exhibit.draw(make_run(errors, **changes)).axes
    return axes


def curve(axes, label):
    return next(line for line in axes.get_lines() if line.get_label() == label)


def test_each_arm_is_a_line_of_its_mean_error_in_percent():
    figure = exhibit.draw(make_run(ERRORS))
    (axes,) = figure.axes
    np.testing.assert_array_equal(curve(axes, "tpo").get_xdata(), [0, 1, 2])
    np.testing.assert_allclose(curve(axes, "tpo").get_ydata(), [60, 30, 0])
    np.testing.assert_allclose(curve(axes, "dg").get_ydata(), [70, 60, 50])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["tpo", "dg"]
    assert curve(axes, "tpo").get_color() != curve(axes, "dg").get_color()


def test_a_band_shows_the_standard_error():
    axes = axes_of(ERRORS)
    band = axes.collections[0].get_paths()[0].vertices
    at_start = band[band[:, 0] == 0][:, 1]
    # Two seeds 20 % apart: the standard error of their mean is 10 %.
    assert (at_start.min(), at_start.max()) == (pytest.approx(50), pytest.approx(70))
    assert len(axes.collections) == 2


def test_a_single_seed_has_no_band():
    assert len(axes_of({"tpo": [[0.5, 0.2]]}).collections) == 0


def test_it_says_what_it_shows():
    figure = exhibit.draw(make_run(ERRORS))
    (axes,) = figure.axes
    assert figure.get_suptitle() == "token-reversal: 2 seeds, 3 steps\nMeans over 2 seeds, ± 1 standard error"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("steps", "error (%)")


def test_of_a_task_with_a_test_set_it_shows_the_error_there_too():
    _, tested = exhibit.draw(make_run({"tpo": TESTED}, error="test_error")).axes
    np.testing.assert_array_equal(tested.get_lines()[0].get_xdata(), [2, 3])
    np.testing.assert_allclose(tested.get_lines()[0].get_ydata(), [40, 3])
    assert tested.get_ylabel() == "error on the test set (%)"


def test_small_errors_are_magnified():
    axes = axes_of(ERRORS)
    assert axes.get_yscale() == "symlog"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["0", "1", "3", "10", "30", "100"]


def test_large_errors_are_shown_as_they_are():
    axes = axes_of({"tpo": [[0.5, 0.2]]})
    assert axes.get_yscale() == "linear"
    assert len(axes.get_lines()) == 1


def test_steps_are_whole_numbers():
    assert list(axes_of({"tpo": [[0.5, 0.4, 0.3]]}).get_xticks()) == [0, 1, 2]


def test_all_files_are_written(tmp_path):
    paths = exhibit.write(make_run(ERRORS), tmp_path)
    assert paths == [tmp_path / f"figure.{kind}" for kind in ("png", "svg", "pdf")]
    assert paths[0].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "</svg>" in paths[1].read_text(encoding="utf-8")
    assert paths[2].read_bytes()[:5] == b"%PDF-"


def test_more_arms_than_colours_are_told_apart_by_their_dashes():
    axes = axes_of({f"arm {number}": [[0.5, 0.25]] for number in range(9)})
    looks = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len(looks) == 9


def test_pyplot_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert len(exhibit.write(make_run(ERRORS), tmp_path)) == 3


def test_nothing_is_drawn_before_a_step_is_done_and_nothing_old_is_left(tmp_path):
    (tmp_path / "figure.png").write_text("of another run")
    assert exhibit.write(make_run(ERRORS) | {"panels": {"token-reversal": {}}}, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("from_an_index")
def test_without_matplotlib_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NotInstalledError) as caught:
        exhibit.write(make_run(ERRORS), tmp_path)
    assert str(caught.value) == (
        'matplotlib must be installed to draw figures; got no such module. Install it: pip install "tpo[report]".'
    )
