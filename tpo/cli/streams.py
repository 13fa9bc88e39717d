"""The standard streams: unprintable characters are replaced or escaped, and a full disk does not stop training."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tpo.cli.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing_characters() -> Iterator[None]:
    """Open a scope in which printing does not fail because of characters, or because of a full disk behind stderr.

    Control characters are escaped, but for those of rich, which writes to the streams below.
    """
    out: Any = None if sys.stdout is None else Escaping(sys.stdout)
    with (
        _replacing(sys.stdout),
        _replacing(sys.stderr),
        redirect_stdout(out),
        redirect_stderr(Escaping(Unfailing(sys.stderr))),
    ):
        yield


@contextmanager
def _replacing(stream: Any) -> Iterator[None]:
    """Open a scope in which `stream` replaces the characters that it cannot encode."""
    if not isinstance(stream, io.TextIOWrapper):
        yield
        return
    before = stream.errors
    stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        # It flushes first: what cannot be written was told, or is told at exit.
        with suppress(OSError, ValueError):
            stream.reconfigure(errors=before)


class ReaderGoneError(Exception):
    """The reader of the output, such as `head`, is gone. Not an `OSError`: click would take it for one of its own."""


class Escaping:
    """A stream that escapes control characters, which may come from files and plug-ins."""

    def __init__(self, stream: Any) -> None:
        """Wrap `stream`. rich, whose own control characters are needed, writes to it without escapes."""
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write `text`, escaped.

        Raises:
            ReaderGoneError: Nobody reads it any more.
        """
        with _noticing_readers():
            self.rich_proxied_file.write(escaped(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream.

        Raises:
            ReaderGoneError: Nobody reads it any more.
        """
        with _noticing_readers():
            self.rich_proxied_file.flush()

    def __getattr__(self, name: str) -> Any:
        """Any other attribute of the stream, but its buffer, by which click would go around it.

        Raises:
            AttributeError: There is no such attribute.
        """
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.rich_proxied_file, name)


@contextmanager
def _noticing_readers() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGoneError from error


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
        number = stream.fileno()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), number)
