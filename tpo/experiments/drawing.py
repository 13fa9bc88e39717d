"""What all figures have in common: the library that draws them, their colours, the axis of small errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.errors import NotInstalledError
from tpo.experiments.summary import SOLVED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#0072b2", "#d55e00", "#00a578", "#960ff0", "#a587c3", "#a54b4b", "#d25aff")
"""Told apart by everyone, and three times as light or dark as a page, be it white or nearly black."""


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


def as_written(text: str) -> str:
    """`text` for matplotlib, which takes what stands between two dollars for a formula."""
    return text.replace("$", r"\$")


def magnify_small_errors(axes: Axes) -> None:
    """Logarithmic down to 1 %, linear from there to 0, with a line at 1 %."""
    solved = 100 * SOLVED
    axes.set_yscale("symlog", linthresh=solved)
    axes.set_yticks([0, solved, 3, 10, 30, 100], ["0", f"{solved:g}", "3", "10", "30", "100"])
    axes.axhline(solved, color="0.4", linewidth=0.8, linestyle=":")
