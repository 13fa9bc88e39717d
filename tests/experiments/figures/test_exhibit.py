"""The figures of the stored results: every arm is drawn, in percent, and nothing is cut off."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.experiments.records import FLAT, make_arm, make_record, record_of_exhibit
from tpo.experiments.analysis import record as records
from tpo.experiments.catalogue import catalogue
from tpo.experiments.figures import exhibit
from tpo.experiments.spec.quantities import quantity

KEPT = sorted((Path(__file__).parents[3] / "results").glob("*/exhibit.json"))
CHARTED = [name for name, exhibit in catalogue().items() if exhibit.charts]


@pytest.fixture(params=KEPT, ids=lambda path: path.parent.name)
def record(request):
    return records.read(request.param)


def named(axes):
    """The lines of `axes` in the legend, by label."""
    return {line.get_label(): line for line in axes.get_lines() if line.get_label()[0] != "_"}


def whole_legends(figure):
    """Whether all legends are inside of the figure."""
    figure.draw_without_rendering()
    legends = [*figure.legends, *(legend for axes in figure.axes if (legend := axes.get_legend()))]
    boxes = [legend.get_window_extent() for legend in legends]
    inside = [figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1 for box in boxes]
    # The layout may put the margin of a legend half a pixel outside.
    return len(boxes) > 0 and all(inside) and all(figure.bbox.y0 - 0.5 <= box.y0 < box.y1 for box in boxes)


def test_there_are_results():
    assert len(KEPT) >= 7


def test_every_arm_of_every_panel_is_drawn_in_percent(record):
    lines = [(axes.get_ylabel(), line.get_ydata()) for axes in exhibit.draw(record).axes for line in axes.get_lines()]
    # An accuracy is drawn as the error that it leaves.
    drawn = [100 - at if label == quantity("accuracy").label else at for label, at in lines]
    for arms in record["panels"].values():
        for arm in arms.values():
            name, curve = next(iter(arm["curves"].items()))
            assert name in {"error", "test_error"}
            wanted = 100 * np.asarray(curve["mean"], dtype=float)
            assert any(len(one) == len(wanted) and np.allclose(one, wanted) for one in drawn)


def test_no_legend_of_a_kept_result_is_cut_off(record):
    assert whole_legends(exhibit.draw(record))


@pytest.mark.parametrize("name", CHARTED)
def test_no_legend_of_a_whole_exhibit_is_cut_off(name):
    assert whole_legends(exhibit.draw(record_of_exhibit(name)))


@pytest.mark.parametrize("name", ["table2", "figure18"])
def test_titles_end_before_the_next_axes_begin(name):
    figure = exhibit.draw(record_of_exhibit(name))
    figure.draw_without_rendering()
    titles = [axes._left_title.get_window_extent() for axes in figure.axes]  # noqa: SLF001 - there is no other way
    for one, other in itertools.pairwise(titles):
        assert one.x1 < other.x0 or other.y1 < one.y0
    assert all(title.x1 <= figure.bbox.x1 for title in titles)


def test_a_figure_is_no_wider_than_the_page():
    assert exhibit.draw(record_of_exhibit("table2")).get_figwidth() == 11.2
    assert exhibit.draw(record_of_exhibit("figure13")).get_figwidth() == pytest.approx(10.2)
    assert exhibit.draw(make_record()).get_figwidth() == 5.0


def test_rows_are_about_equally_long():
    shapes = {count: exhibit._grid(count) for count in (0, 1, 4, 5, 8, 9, 11, 16)}  # noqa: SLF001
    assert shapes == {0: (1, 1), 1: (1, 1), 4: (1, 4), 5: (2, 3), 8: (2, 4), 9: (3, 3), 11: (3, 4), 16: (4, 4)}


def test_final_errors_stand_against_the_size_of_the_group():
    record = record_of_exhibit("figure13")
    record["panels"]["K=64"] = {"TPO": make_arm(error=FLAT | {"mean": [1.0, 0.5, 0.0036]})}
    one, other, ends = exhibit.draw(record).axes
    assert list(named(one)) == ["K=4", "K=8", "K=16", "K=32", "K=64"]
    assert list(named(other)) == ["K=4", "K=8", "K=16", "K=32"]
    np.testing.assert_array_equal(named(ends)["TPO"].get_xdata(), [4, 8, 16, 32, 64])
    np.testing.assert_allclose(named(ends)["TPO"].get_ydata(), [25, 25, 25, 25, 0.36])
    np.testing.assert_array_equal(named(ends)["GRPO"].get_xdata(), [4, 8, 16, 32])
    assert [tick.get_text() for tick in ends.get_xticklabels()] == ["4", "8", "16", "32", "64"]
    assert ends.get_xscale() == "log"
    assert [text.get_text() for text in ends.get_legend().get_texts()] == ["TPO", "GRPO"]


def test_final_errors_are_bars_with_their_numbers_above():
    record = record_of_exhibit("figure18")
    record["panels"]["sequential, flip"]["DG (4 epochs)"] = make_arm(error=FLAT | {"mean": [1.0, 0.5, 0.0456]})
    sequential = exhibit.draw(record).axes[2]
    first, second = [box for box in sequential.containers if hasattr(box, "patches")]
    np.testing.assert_allclose([bar.get_height() for bar in first], [25, 25, 25, 25])
    np.testing.assert_allclose([bar.get_height() for bar in second], [25, 4.56, 25, 25])
    assert [tick.get_text() for tick in sequential.get_xticklabels()] == [
        "copy",
        "flip",
        "reverse-\ncopy",
        "reverse-\nflip",
    ]
    assert [text.get_text() for text in sequential.texts] == ["25"] * 5 + ["4.56", "25", "25"]
    assert first[0].get_x() + first[0].get_width() == pytest.approx(second[0].get_x())
    middles = [first[1].get_x() + first[1].get_width()] * 2
    np.testing.assert_allclose(middles, [1, 1])


def test_bars_and_curves_of_the_same_arms_share_a_legend_and_colours():
    figure = exhibit.draw(record_of_exhibit("figure14"))
    curves, bars = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["TPO", "GRPO", "GRPO (masked)"]
    colors = [line.get_color() for line in named(curves).values()]
    edges = [box[0].get_edgecolor() for box in bars.containers if hasattr(box, "patches")]
    assert colors == ["#0072b2", "#d55e00", "#00a578"]
    np.testing.assert_allclose(edges[0], (0, 0x72 / 255, 0xB2 / 255, 1))


def test_groups_with_a_success_are_those_without_a_failure():
    curve = {"steps": [0, 1], "mean": [0.9, 0.2], "se": [0.01, 0.02]}
    without, with_success = exhibit.draw(record_of_exhibit("figure11", failed_groups=curve)).axes
    np.testing.assert_allclose(named(without)["TPO"].get_ydata(), [90, 20])
    np.testing.assert_allclose(named(with_success)["TPO"].get_ydata(), [10, 80])
    band = with_success.collections[0].get_paths()[0].vertices
    at_first = band[band[:, 0] == 0][:, 1]
    assert (at_first.min(), at_first.max()) == (pytest.approx(9), pytest.approx(11))


def test_weights_of_failures_are_dashed_in_the_axes_of_those_of_successes():
    record = record_of_exhibit("figure11", weight_on_success=FLAT, weight_on_failure=FLAT | {"mean": [0.3, 0.2, 0.1]})
    (axes,) = exhibit.draw(record).axes
    lines = [line for line in axes.get_lines() if line.get_label() == "TPO"]
    assert [line.get_linestyle() for line in lines] == ["-", "--"]
    assert lines[0].get_color() == lines[1].get_color()
    np.testing.assert_allclose(lines[1].get_ydata(), [0.3, 0.2, 0.1])


def test_an_old_record_without_a_curve_is_drawn_without_it():
    old = record_of_exhibit("figure16", error=FLAT)
    assert [axes.get_ylabel() for axes in exhibit.draw(old).axes] == ["error (%)"] * 4
    now = record_of_exhibit("figure16")
    assert [axes.get_ylabel() for axes in exhibit.draw(now).axes] == ["error (%)"] * 4 + ["gradient norm"]


def test_a_logarithm_leaves_a_gap_at_0_and_shows_a_number_between_two_gaps():
    curve = {"steps": [0, 1, 2, 3, 4], "mean": [0.0, 2.0, 0.0, 3.0, 4.0], "se": None}
    record = make_record(exhibit="mine", panels={"P": {"A": make_arm(gradient_norm=curve)}})
    (axes,) = exhibit.draw(record).axes
    line, alone = axes.get_lines()
    np.testing.assert_array_equal(line.get_ydata(), [np.nan, 2, np.nan, 3, 4])
    np.testing.assert_array_equal(alone.get_xydata(), [[1, 2]])
    assert axes.get_yscale() == "log"


def test_more_labels_than_colours_are_told_apart_by_their_strokes():
    record = make_record(exhibit="mine", panels={"P": {f"arm {n}": make_arm() for n in range(9)}})
    (axes,) = exhibit.draw(record).axes
    styles = [(line.get_color(), line.get_linestyle()) for line in named(axes).values()]
    assert len(set(styles)) == 9
    assert styles[7] == (styles[0][0], "--")


def test_axes_of_one_quantity_have_one_scale_and_mark_the_error_that_is_counted_to():
    """Alone, the first panel would have a linear axis, the second a logarithmic one, and the third one down to 0."""
    ends = {"A": 0.5, "B": 0.0005, "C": 0.0}
    panels = {panel: {"TPO": make_arm(error=FLAT | {"mean": [1.0, 0.5, end]})} for panel, end in ends.items()}
    for statistic, level in (("steps to 1 %", 1), ("steps to 5 %", 5)):
        axes = exhibit.draw(make_record(exhibit="mine", statistic=statistic, panels=panels)).axes
        assert [one.get_yscale() for one in axes] == ["symlog"] * 3
        for one in axes:
            assert [line.get_ydata()[0] for line in one.get_lines() if len(line.get_ydata()) == 2] == [level]
    del panels["C"]
    axes = exhibit.draw(make_record(exhibit="mine", panels=panels)).axes
    assert [one.get_yscale() for one in axes] == ["log"] * 2


def test_the_title_says_what_the_bands_are_and_of_how_many_seeds():
    arms = {"A": make_arm(error=FLAT), "B": make_arm(error=FLAT) | {"seeds": 5}}
    figure = exhibit.draw(make_record(exhibit="mine", title="T", panels={"P": arms}))
    assert figure.get_suptitle() == "T\nMeans over 2 to 5 seeds, ± 1 standard error"
    alone = make_record(exhibit="mine", title="T", panels={"P": {"A": make_arm(error=FLAT | {"se": None})}})
    assert exhibit.draw(alone).get_suptitle() == "T"
