"""Describing an exception of a run: its cause first, then where it was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import calls_of, root_of

if TYPE_CHECKING:
    from tpo.experiments.spec.cell import Cell

LONGEST = 2000
"""Limit of the exception's own text, in characters."""


def describe(error: BaseException, cell: Cell) -> str:
    """Describe an exception raised by a task, an algorithm or a library while `cell` ran.

    The same code would fail in the same way, so the cell is not run again.
    """
    cause = root_of(error)
    what = f"{cell.arm.algorithm} on {cell.task}, {cell.seeds_in_words}"
    text = f"{type(cause).__name__}: {str(cause)[:LONGEST]}".rstrip(": ")
    return f"{text}. It was raised in {calls_of(error)}, while running {what}. Mend that code and run it again."
