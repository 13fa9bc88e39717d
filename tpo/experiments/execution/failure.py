"""An exception of a run in words: its cause first, then where it was raised."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tpo.experiments.spec.cell import Cell

FRAMES = 3
"""How many of the innermost calls are named."""

LONGEST = 2000
"""Characters of an exception's own text that are passed on."""


def describe(error: BaseException, cell: Cell) -> str:
    """The message for an exception of the code of a task, an algorithm or a library that `cell` ran.

    The same code fails again in the same way, so nobody tries.
    """
    cause = _root(error)
    calls = reversed(traceback.extract_tb(cause.__traceback__)[-FRAMES:])
    where = ", called by ".join(f"{call.name} ({Path(call.filename).name}, line {call.lineno})" for call in calls)
    what = f"{cell.arm.algorithm} on {cell.task}, {cell.seeds_in_words}"
    text = f"{type(cause).__name__}: {str(cause)[:LONGEST]}".rstrip(": ")
    return f"{text}. It was raised in {where or 'native code'}, while running {what}. Mend that code and run it again."


def _root(error: BaseException) -> BaseException:
    """The exception that `error` was raised from, or while handling, if any."""
    seen: set[int] = set()
    while (before := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        seen.add(id(error))
        if id(before) in seen:
            break
        error = before
    return error
