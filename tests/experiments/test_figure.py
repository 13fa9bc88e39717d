"""The figure shows the recorded curves."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.experiments.made_up import PROVENANCE, make_result, make_spec
from tpo import NotInstalledError
from tpo.experiments.analysis.result import Result
from tpo.experiments.figures import run

ERRORS = {"tpo": [[0.5, 0.2, 0], [0.7, 0.4, 0]], "dg": [[0.5, 0.5, 0.5], [0.9, 0.7, 0.5]]}


def curve(axes, label):
    return next(line for line in axes.get_lines() if line.get_label() == label)


def test_each_arm_is_a_line_of_its_mean_error_in_percent():
    (axes,) = run.draw(make_result(ERRORS)).axes
    np.testing.assert_array_equal(curve(axes, "tpo").get_xdata(), [0, 1, 2])
    np.testing.assert_allclose(curve(axes, "tpo").get_ydata(), [60, 30, 0])
    np.testing.assert_allclose(curve(axes, "dg").get_ydata(), [70, 60, 50])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["tpo", "dg"]
    assert curve(axes, "tpo").get_color() != curve(axes, "dg").get_color()


def test_a_band_shows_the_standard_error():
    (axes,) = run.draw(make_result(ERRORS)).axes
    band = axes.collections[0].get_paths()[0].vertices
    at_start = band[band[:, 0] == 0][:, 1]
    # Two seeds 20 % apart: the standard error of their mean is 10 %.
    assert (at_start.min(), at_start.max()) == (pytest.approx(50), pytest.approx(70))
    assert len(axes.collections) == 2


def test_a_single_seed_has_no_band():
    (axes,) = run.draw(make_result({"tpo": [[0.5, 0.2]]})).axes
    assert len(axes.collections) == 0
    assert axes.get_title(loc="left") == "token-reversal (1 seed)"


def test_it_says_what_it_shows():
    (axes,) = run.draw(make_result(ERRORS)).axes
    assert axes.get_title(loc="left") == "token-reversal (2 seeds)"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("steps", "error (%)")


def test_small_errors_are_magnified():
    (axes,) = run.draw(make_result(ERRORS)).axes
    assert axes.get_yscale() == "symlog"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["0", "1", "3", "10", "30", "100"]


def test_large_errors_are_shown_as_they_are():
    (axes,) = run.draw(make_result({"tpo": [[0.5, 0.2]]})).axes
    assert axes.get_yscale() == "linear"
    assert len(axes.get_lines()) == 1


def test_steps_are_whole_numbers():
    (axes,) = run.draw(make_result({"tpo": [[0.5, 0.4, 0.3]]})).axes
    assert list(axes.get_xticks()) == [0, 1, 2]


def test_both_files_are_written(tmp_path):
    paths = run.write(make_result(ERRORS), tmp_path)
    assert paths == [tmp_path / f"error.{kind}" for kind in ("png", "svg", "pdf")]
    assert paths[0].read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "</svg>" in paths[1].read_text(encoding="utf-8")
    assert paths[2].read_bytes()[:5] == b"%PDF-"


def test_more_arms_than_colours_are_told_apart_by_their_dashes():
    result = make_result({f"arm {number}": [[0.5, 0.25]] for number in range(9)})
    (axes,) = run.draw(result).axes
    looks = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len(looks) == 9


def test_pyplot_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert len(run.write(make_result(ERRORS), tmp_path)) == 3


def test_nothing_is_drawn_before_a_step_is_done_and_nothing_old_is_left(tmp_path):
    (tmp_path / "error.png").write_text("of another run")
    assert run.write(Result(spec=make_spec(), provenance=PROVENANCE, arms={}), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("from_an_index")
def test_without_matplotlib_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NotInstalledError) as caught:
        run.write(make_result(ERRORS), tmp_path)
    assert str(caught.value) == (
        'matplotlib must be installed to draw figures; got no such module. Install it: pip install "tpo[report]".'
    )
