"""Shared parts of all figures: the drawing library, colours, the axis of small errors."""

from __future__ import annotations

import importlib
import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tpo import files
from tpo.experiments.spec.quantities import SOLVED
from tpo.experiments.storage.output import OUTPUT
from tpo.folders import writing
from tpo.plugins.installation import import_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

REPORT = 'pip install "tpo[report]"'
"""The command that installs what figures and the page need."""

COLORS = ("#0072b2", "#d55e00", "#00a578", "#960ff0", "#a587c3", "#a54b4b", "#d25aff")
"""Colours that everyone can distinguish, with a contrast of 3 to white and to nearly black pages."""


def empty_figure(size: tuple[float, float]) -> Figure:
    """Create a figure of `size` in inches.

    Raises:
        NotInstalledError: matplotlib is missing.
    """
    figure: Figure = matplotlib().figure.Figure(figsize=size, layout="constrained")
    return figure


def replace_figures(folder: Path, names: Sequence[str], draw: Callable[[], Figure | None]) -> list[Path]:
    """Write the figure from `draw` to the files `names` in `folder`; return their paths, none without a figure.

    Older files are removed first in any case, so that no figure shows other numbers than the record next to it.

    Raises:
        NotInstalledError: matplotlib is missing.
        OutputError: The folder cannot be written.
    """
    paths = [folder / name for name in names]
    with writing(folder, OUTPUT):
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            files.check_writable(path)
            path.unlink(missing_ok=True)
        with quietly():
            figure = draw()
            if figure is None:
                return []
            for path in paths:
                content = io.BytesIO()
                figure.savefig(content, dpi=150, format=path.suffix[1:])
                files.replace(path, content.getvalue())
    return paths


@contextmanager
def quietly() -> Iterator[None]:
    """Open a scope without matplotlib's warnings: of long labels, or of characters that its fonts lack."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def matplotlib() -> Any:
    """Import matplotlib.

    Raises:
        NotInstalledError: It is missing.
    """
    import_extra("matplotlib.figure", "matplotlib", "draw figures", install=REPORT)
    return importlib.import_module("matplotlib")


def as_written(text: str) -> str:
    """Escape `text` for matplotlib, which interprets text between two dollar signs as a formula."""
    return text.replace("$", r"\$")


def magnify_small_errors(axes: Axes) -> None:
    """Set an axis that is logarithmic down to 1 % and linear from there to 0."""
    axes.set_yscale("symlog", linthresh=100 * SOLVED)
    axes.set_yticks([0, 1, 3, 10, 30, 100], ["0", "1", "3", "10", "30", "100"])
