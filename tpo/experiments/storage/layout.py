"""Names of the files of a cell, and of the arrays in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import PluginError
from tpo.experiments.storage import npz

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EVALUATED = "evaluated"
"""Name of the array with the number of steps done at each evaluation, `[M]`."""

SECONDS = "seconds"
"""Name of the array with the wall time of each step, `[N]`."""

STATE = "state"
"""Prefix of the paths of the training state's arrays, which begin with a slash."""

RESERVED_NAMES = (EVALUATED, SECONDS, npz.HEADER, "file", "allow_pickle")
"""Names that metrics cannot have in a file: reserved ones, and the arguments of NumPy's `savez_compressed`."""

CHECKPOINT = ".checkpoint.npz"
"""Suffix of the checkpoint file, which is next to the result."""


def checkpoint_of(result: Path) -> Path:
    """Return the checkpoint file that belongs to a result."""
    return result.with_suffix(CHECKPOINT)


def check_names(curves: Iterable[str], evaluations: Iterable[str]) -> None:
    """Raise an error for metrics with reserved names.

    Raises:
        PluginError: A metric has a reserved name.
    """
    twice = set(curves) & set(evaluations)
    for name in (*curves, *evaluations):
        if name in RESERVED_NAMES or name in twice or name.startswith(f"{STATE}/"):
            message = f"the name of a metric must not be reserved or used twice; got {name!r}."
            raise PluginError(f"{message} Rename it in the task.")
