"""Calling the command line in this process, with checks for tracebacks and hangs."""

from __future__ import annotations

import contextlib
import io
import signal
import warnings
from typing import TYPE_CHECKING, NamedTuple

from tpo.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNEXPECTED = "error: unexpected"
"""Prefix of the message of an unexpected error."""

MOST_WORDS = 2000


class Finding(NamedTuple):
    """A call that ended with a traceback, or did not end in time.

    Attributes:
        kind: `traceback` or `hang`.
        what: The command line.
        said: The error.
    """

    kind: str
    what: str
    said: str


class HangError(BaseException):
    """Raised in a call that takes too long; no called code catches it."""


def call(arguments: Sequence[str], seconds: float) -> Finding | None:
    """Run `tpo` with arguments; return the finding, if any."""
    # As in a terminal, where characters that cannot be shown are replaced.
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
    """Raise `HangError` in a scope that takes longer than `seconds`; warnings are not errors in it."""

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
