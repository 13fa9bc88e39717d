"""Drawing the figure of an exhibit from its record: its charts, or else one chart per panel."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from tpo.experiments.catalogue import catalogue
from tpo.experiments.figures import marks
from tpo.experiments.figures.drawing import as_written, empty_figure, replace_figures
from tpo.experiments.spec.panel_charts import panel_by_panel
from tpo.experiments.spec.quantities import LEVELS, SOLVED
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from tpo.experiments.spec.chart import Chart, Frame
    from tpo.experiments.spec.schema import Record

FILES = ("figure.png", "figure.svg", "figure.pdf")
COLUMNS = 4
PANEL = (3.4, 2.9)
"""Size of a pair of axes with its margins, in inches."""

NARROWEST, WIDEST = 5.0, 11.2
"""Limits of the width of a figure, in inches: its title fits, and it fits on a page without scaling."""

HEADER = 0.8
"""Height of a figure's title, of two lines, and legend, in inches."""

LETTER = 0.075
"""Average width of a letter at the default font size, in inches."""
SMALL_LETTERS = 0.833
"""Size of small letters relative to the default font size."""
SIDES = 0.9
"""Width of the margins of a pair of axes, in inches."""
LEGEND_HANDLE = 0.65
"""Width of a legend's entry without its label, at the default font size, in inches."""
LEGEND_ROW = 0.2
"""Height of a legend's row, in inches."""
BELOW = (0.5, -0.22)
"""Position of a legend below its axes, relative to their size: under the axis label."""


def draw(record: Record) -> Figure:
    """Draw the nonempty charts of `record`, row by row.

    If one pair of axes has all labels, there is one legend below the figure; otherwise each has a legend below it.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    frames = [_as_written(frame) for chart in charts(record) if (frame := chart.drawn(record)).lines]
    labels = list(dict.fromkeys(label for frame in frames for label in frame.labels))
    shared = any(len(frame.labels) == len(labels) for frame in frames)
    rows, columns = _grid(len(frames))
    width = min(max(PANEL[0] * columns, NARROWEST), WIDEST)
    inches = width / columns
    below = 0.0 if shared else _legend_height(frames, inches)
    figure = empty_figure((width, (PANEL[1] + below) * rows + HEADER))
    level = LEVELS.get(record["statistic"], SOLVED)
    for index, frame in enumerate(frames):
        alike = [other for other in frames if (other.mark, other.quantities[:1]) == (frame.mark, frame.quantities[:1])]
        own = labels if shared else frame.labels
        axes = figure.add_subplot(rows, columns, index + 1)
        colors = {label: number for number, label in enumerate(own)}
        marks.draw(axes, frame, colors, min(map(marks.least_of, alike)), level)
        axes.set_title(_wrapped(frame.title, inches), loc="left", fontsize="small")
    if shared:
        _add_legend(figure, labels)
    else:
        _add_legends(figure, inches)
    title = "\n".join(filter(None, (as_written(record["title"]), _spread_in_words(record, frames))))
    figure.suptitle(title, x=0.01, ha="left", fontsize="medium")
    return figure


def _spread_in_words(record: Record, frames: Sequence[Frame]) -> str:
    """Say what bands and bars show, and of how many seeds; empty if there are none."""
    if not any(line.se is not None for frame in frames for line in frame.lines):
        return ""
    counts = sorted({arm["seeds"] for _, _, arm in arms_of(record)})
    return f"Means over {' to '.join(map(str, dict.fromkeys((counts[0], counts[-1]))))} seeds, ± 1 standard error"


def charts(record: Record) -> Sequence[Chart]:
    """The charts of the record's exhibit; one per panel if it has none, or is a user's own."""
    exhibit = catalogue().get(record["exhibit"])
    return (exhibit.charts if exhibit is not None else ()) or panel_by_panel(record)


def _as_written(frame: Frame) -> Frame:
    """Escape the texts of `frame`, which may be a user's own, so that they are not interpreted as formulas."""
    lines = [
        line._replace(
            label=as_written(line.label), at=[as_written(at) if isinstance(at, str) else at for at in line.at]
        )
        for line in frame.lines
    ]
    return frame._replace(title=as_written(frame.title), lines=lines)


def _grid(count: int) -> tuple[int, int]:
    """Choose rows and columns for `count` axes: the fewest rows, of about equal length."""
    rows = max(math.ceil(count / COLUMNS), 1)
    return rows, max(math.ceil(count / rows), 1)


def _wrapped(title: str, inches: float) -> str:
    """Wrap a title to lines that fit above axes of `inches`, margins included."""
    return textwrap.fill(title, int((inches - SIDES) / (SMALL_LETTERS * LETTER)))


def _add_legend(figure: Figure, labels: list[str]) -> None:
    """Add one legend of all `labels`, each in the style of its first line."""
    handles: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    # Legends leave out labels that are empty, or begin with an underscore.
    if shown := [one for one in labels if one in handles]:
        ncols = _legend_columns(figure.get_figwidth(), shown)
        figure.legend([handles[one] for one in shown], shown, loc="outside lower center", ncols=ncols, frameon=False)


def _add_legends(figure: Figure, inches: float) -> None:
    """Add a legend of its own labels below each pair of axes, which are `inches` wide."""
    for axes in figure.axes:
        if labels := axes.get_legend_handles_labels()[1]:
            ncols = _legend_columns(inches / SMALL_LETTERS, labels)
            axes.legend(loc="upper center", bbox_to_anchor=BELOW, ncols=ncols, frameon=False, fontsize="small")


def _legend_height(frames: Sequence[Frame], inches: float) -> float:
    """Height of the highest legend below axes that are `inches` wide, in inches."""
    return LEGEND_ROW * max((_legend_rows(inches / SMALL_LETTERS, frame.labels) for frame in frames), default=0)


def _legend_columns(inches: float, labels: list[str]) -> int:
    """The fewest columns that still give the fewest rows."""
    return math.ceil(len(labels) / _legend_rows(inches, labels))


def _legend_rows(inches: float, labels: list[str]) -> int:
    """The fewest rows that fit; each column is as wide as the longest label."""
    room = int(inches / (LEGEND_HANDLE + LETTER * max(map(len, labels), default=0)))
    return math.ceil(len(labels) / max(room, 1))


def write(record: Record, folder: Path) -> list[Path]:
    """Draw `record` into `folder` as PNG, SVG and PDF; return the files, none if there is nothing to draw.

    Older files are removed first.

    Raises:
        NotInstalledError: matplotlib is missing.
        OutputError: The folder cannot be written.
    """
    return replace_figures(folder, FILES, lambda: draw(record) if any(record["panels"].values()) else None)
