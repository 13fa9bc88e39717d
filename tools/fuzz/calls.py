"""Calls of the command line in this process, of which each must end in time and with no traceback."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import warnings
from typing import TYPE_CHECKING, NamedTuple

from tpo.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNEXPECTED = "error: unexpected"
"""How an error that nobody foresaw begins."""

MOST_WORDS = 2000


class Finding(NamedTuple):
    """Something that must not be.

    Attributes:
        kind: `traceback` or `hang`.
        what: The command line.
        said: The error.
    """

    kind: str
    what: str
    said: str


class HangError(BaseException):
    """A call takes too long; nothing that is called catches it."""


def call(arguments: Sequence[str], seconds: float) -> Finding | None:
    """Run `tpo` with its arguments; what was wrong with it, if anything."""
    # As in a terminal, where what cannot be shown is replaced.
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict", write_through=True)
    what = " ".join(map(ascii, arguments))[:MOST_WORDS]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), within(seconds):
            main(list(arguments))
    except SystemExit as error:
        said = err.buffer.getvalue().decode(errors="replace")  # type: ignore[attr-defined]
        if UNEXPECTED in said or "Traceback" in said or error.code not in {0, 1, 2, 130}:
            return Finding("traceback", what, said[-MOST_WORDS:])
    except HangError:
        return Finding("hang", what, f"longer than {seconds:g} s")
    except BaseException as error:  # noqa: BLE001 - whatever comes is a finding
        return Finding("traceback", what, f"{type(error).__name__}: {error}"[:MOST_WORDS])
    return None


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """The scope that raises `HangError` when it takes longer; warnings are no errors in it."""

    def ring(*_: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        os.environ.pop("COLUMNS", None)
