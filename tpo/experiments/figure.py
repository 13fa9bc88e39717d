"""The learning curves of a run as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.errors import NotInstalledError
from tpo.experiments.store import writing
from tpo.experiments.summary import SOLVED, standard_error

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tpo.experiments.result import Curves, Result

FILES = ("error.png", "error.svg")
COLORS = ("#0072b2", "#d55e00", "#00a578", "#960ff0", "#a587c3", "#a54b4b", "#d25aff")
"""Told apart by everyone, and three times as light or dark as a page, be it white or nearly black."""

SMALL = 0.05
"""Where a mean error falls below this, a linear axis would hide the end of the race."""


def write(result: Result, folder: Path) -> list[Path]:
    """Draw the errors of `result` into `folder`, as PNG and SVG; the files written, none without a step done.

    Figures of an earlier run are removed first, whatever happens next.

    Raises:
        NotInstalledError: matplotlib is missing.
        OutputError: The folder cannot be written.
    """
    paths = [folder / name for name in FILES]
    with writing(folder):
        for path in paths:
            path.unlink(missing_ok=True)
        if not result.arms:
            return []
        figure = draw(result)
        for path in paths:
            figure.savefig(path, dpi=150)
    return paths


def draw(result: Result) -> Figure:
    """Error in percent against steps: the mean over seeds, and its standard error as a band.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    figure = empty_figure((6.4, 4.0))
    axes = figure.add_subplot()
    for color, (label, curves) in zip(_colors(len(result.arms)), result.arms.items(), strict=True):
        _draw_arm(axes, label, curves, color)
    if any(curves.reported.values.mean(axis=0).min() < SMALL for curves in result.arms.values()):
        magnify_small_errors(axes)
    seeds = len(result.spec.seeds)
    axes.set_title(f"{result.spec.task} ({seeds} {'seed' if seeds == 1 else 'seeds'})", loc="left")
    axes.set_xlabel("steps")
    tested = any(curves.test_error is not None for curves in result.arms.values())
    axes.set_ylabel("error on the test set (%)" if tested else "error (%)")
    axes.set_ylim(bottom=0)
    axes.margins(x=0)
    axes.locator_params(axis="x", integer=True)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def empty_figure(size: tuple[float, float]) -> Figure:
    """A figure of `size` in inches.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    figure: Figure = matplotlib().figure.Figure(figsize=size, layout="constrained")
    return figure


def matplotlib() -> Any:
    """The library that draws.

    Raises:
        NotInstalledError: It is missing.
    """
    try:
        import matplotlib.figure  # noqa: PLC0415 - an extra
    except ImportError as error:
        message = "matplotlib must be installed to draw figures; got no such module."
        raise NotInstalledError(f'{message} Install it: pip install "tpo[report]".') from error
    return matplotlib


def _colors(count: int) -> list[str]:
    return [COLORS[index % len(COLORS)] for index in range(count)]


def _draw_arm(axes: Axes, label: str, curves: Curves, color: str) -> None:
    steps, errors = curves.reported
    mean = 100 * errors.mean(axis=0)
    axes.plot(steps, mean, color=color, label=label, marker="o" if len(steps) == 1 else None)
    if len(errors) > 1:
        half = 100 * standard_error(errors)
        axes.fill_between(steps, mean - half, mean + half, color=color, alpha=0.2, linewidth=0)


def magnify_small_errors(axes: Axes) -> None:
    """Logarithmic down to 1 %, linear from there to 0, with a line at 1 %."""
    solved = 100 * SOLVED
    axes.set_yscale("symlog", linthresh=solved)
    axes.set_yticks([0, solved, 3, 10, 30, 100], ["0", f"{solved:g}", "3", "10", "30", "100"])
    axes.axhline(solved, color="0.4", linewidth=0.8, linestyle=":")
