"""An exception of a run in words: its cause first, then where it was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import calls_of, root_of

if TYPE_CHECKING:
    from tpo.experiments.spec.cell import Cell

LONGEST = 2000
"""Characters of an exception's own text that are passed on."""


def describe(error: BaseException, cell: Cell) -> str:
    """The message for an exception of the code of a task, an algorithm or a library that `cell` ran.

    The same code fails again in the same way, so nobody tries.
    """
    cause = root_of(error)
    what = f"{cell.arm.algorithm} on {cell.task}, {cell.seeds_in_words}"
    text = f"{type(cause).__name__}: {str(cause)[:LONGEST]}".rstrip(": ")
    return f"{text}. It was raised in {calls_of(error)}, while running {what}. Mend that code and run it again."
