"""The standard streams: unprintable characters are replaced, and a full disk does not stop training."""

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
    """Open a scope in which printing does not fail because of characters, or because of a full disk behind stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with redirect_stderr(Unfailing(sys.stderr)):
        yield


class Unfailing:
    """A stream that ignores its errors, since progress and warnings must not stop a run."""

    def __init__(self, stream: Any) -> None:
        """Wrap `stream`, which is `None` if it is closed."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`; after an error, drop it and everything that follows."""
        try:
            self._stream.write(text)
        except (OSError, ValueError, AttributeError):
            abandon(self._stream)
        return len(text)

    def flush(self) -> None:
        """Flush, or drop the buffered text after an error."""
        try:
            self._stream.flush()
        except (OSError, ValueError, AttributeError):
            abandon(self._stream)

    def __getattr__(self, name: str) -> Any:
        """Any other attribute of the stream."""
        return getattr(self._stream, name)


def abandon(stream: Any) -> None:
    """Drop the buffered text of `stream`: Python would flush it again at exit, and show a traceback."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
