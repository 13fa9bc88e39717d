"""What the files of a cell are called, and the arrays in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import PluginError
from tpo.experiments.storage import npz

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVALUATED = "evaluated"
"""The name of the array of how many steps were done at each evaluation, `[M]`."""

SECONDS = "seconds"
"""The name of the array of the wall time of each step, `[N]`."""

STATE = "state"
"""What stands before the paths of the arrays of a training's state, which begin with a slash."""

TAKEN = (EVALUATED, SECONDS, npz.HEADER, "file", "allow_pickle")
"""Names that nothing measured can have in a file: ours, and those of the arguments of NumPy's `savez_compressed`."""

CHECKPOINT = ".checkpoint.npz"
"""The end of the name of the file beside the result that holds the state until then."""


def checkpoint_of(result: Path) -> Path:
    """The file that holds the state of a cell until it has a result."""
    return result.with_suffix(CHECKPOINT)


def check_names(curves: Iterable[str], evaluations: Iterable[str]) -> None:
    """Refuse names of what was measured that stand for something else in a file.

    Raises:
        PluginError: One does.
    """
    twice = set(curves) & set(evaluations)
    for name in (*curves, *evaluations):
        if name in TAKEN or name in twice or name.startswith(f"{STATE}/"):
            message = f"what a task measures must have a free name; got {name!r}, which stands for something else."
            raise PluginError(f"{message} Rename it in the task.")
