"""The standard streams: what a terminal cannot show is replaced, and a full disk stops nothing that is measured."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, redirect_stderr, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing_characters() -> Iterator[None]:
    """The scope in which nothing that is printed fails for its characters, nor for want of room on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with redirect_stderr(Unfailing(sys.stderr)):
        yield


class Unfailing:
    """A stream whose errors nobody hears of: progress and warnings are no reason to stop a run."""

    def __init__(self, stream: Any) -> None:
        """Write to `stream`, which may be `None` where it is closed."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`, or drop it and whatever follows."""
        try:
            self._stream.write(text)
        except (OSError, ValueError, AttributeError):
            abandon(self._stream)
        return len(text)

    def flush(self) -> None:
        """Flush, or drop what there is."""
        try:
            self._stream.flush()
        except (OSError, ValueError, AttributeError):
            abandon(self._stream)

    def __getattr__(self, name: str) -> Any:
        """Whatever else the stream has."""
        return getattr(self._stream, name)


def abandon(stream: Any) -> None:
    """Drop what is still to be written to `stream`: Python would try again when it ends, and show a traceback."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
