"""The learning curves of a run as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.experiments.analysis.statistics import standard_error
from tpo.experiments.figures import marks
from tpo.experiments.figures.drawing import empty_figure, replace_figures
from tpo.experiments.spec.chart import Frame, Line
from tpo.experiments.spec.quantities import quantity

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from tpo.experiments.analysis.result import Result
    from tpo.experiments.spec.quantities import Quantity
    from tpo.experiments.storage.series import Series

FILES = ("error.png", "error.svg", "error.pdf")
SIZE = (6.4, 4.0)
"""Inches."""


def write(result: Result, folder: Path) -> list[Path]:
    """Draw the errors of `result` into `folder`, as PNG, SVG and PDF; the files written, none without a step done.

    Figures of an earlier run are removed first, whatever happens next.

    Raises:
        NotInstalledError: matplotlib is missing.
        OutputError: The folder cannot be written.
    """
    return replace_figures(folder, FILES, lambda: draw(result) if result.arms else None)


def draw(result: Result) -> Figure:
    """Error in percent against steps: the mean over seeds, and its standard error as a band.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    figure = empty_figure(SIZE)
    axes = figure.add_subplot()
    shown = quantity("test_error" if result.tested else "error")
    lines = [_line(label, shown, curves.reported) for label, curves in result.shown.items()]
    frame = Frame(_title(result), "steps", "curves", lines)
    marks.draw(axes, frame, {label: number for number, label in enumerate(frame.labels)})
    axes.set_title(frame.title, loc="left")
    axes.locator_params(axis="x", integer=True)
    axes.legend(frameon=False)
    return figure


def _title(result: Result) -> str:
    seeds = len(result.spec.seeds)
    return f"{result.spec.task} ({seeds} {'seed' if seeds == 1 else 'seeds'})"


def _line(label: str, shown: Quantity, errors: Series) -> Line:
    mean = errors.values.mean(axis=0).tolist()
    se = standard_error(errors.values).tolist() if len(errors.values) > 1 else None
    return Line(label, shown, errors.steps.tolist(), mean, se)
