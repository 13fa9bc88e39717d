"""Downloads that resume where they broke off, and that end whatever a server sends, however slowly."""

from __future__ import annotations

import http.client
import os
import stat
import threading
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Protocol

import tpo
from tpo.errors import reason_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARTIAL = ".partial"
"""Suffix of an incomplete download."""

CHUNK = 2**16
SILENCE_SECONDS = 20.0
"""Timeout for a server that sends nothing."""

LONGEST_SECONDS = 900.0
"""Timeout for a whole file, in seconds, from the first connection on."""

LARGEST = 2**27
"""Limit on the size of a file, in bytes; the largest that is needed has 26 million."""

SCHEMES = ("http://", "https://")


class TooLargeError(OSError):
    """Raised for a file that is larger than any that is needed."""


class OnBytes(Protocol):
    """A callback for the progress of a download."""

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """Report `done` of `total` bytes of the file `name`; `total` is `None` if the server does not tell the size."""


def ignore_bytes(name: str, done: int, total: int | None) -> None:
    """Report no progress."""
    del name, done, total


def download(url: str, target: Path, on_bytes: OnBytes = ignore_bytes) -> Path:
    """Download `url` to `target`, resuming after every interruption; the file appears once it is complete.

    Args:
        url: HTTP or HTTPS.
        target: The file; the part from an earlier download is kept in the same folder.
        on_bytes: The callback for progress.

    Returns:
        `target`.

    Raises:
        OSError: The server cannot be reached, refuses, sends too much or too slowly, or breaks off without sending any
            more.
    """
    if not url.startswith(SCHEMES):
        raise OSError(f"not an address of the web: {url!r}")
    stopped = threading.Event()
    partial = target.with_name(target.name + PARTIAL)
    _within(LONGEST_SECONDS, lambda: _complete(url, partial, on_bytes, stopped), stopped, url)
    return partial.replace(target)


def _within(seconds: float, work: Callable[[], None], stopped: threading.Event, url: str) -> None:
    """Run `work` in a thread for at most `seconds`, since reading from a socket may never end.

    Raises:
        OSError: It fails, or takes longer; it is told so by `stopped`.
    """
    failed: list[BaseException] = []

    def attempt() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised in the other thread
            failed.append(error)

    thread = threading.Thread(target=attempt, daemon=True, name=f"tpo downloads {_name(url)}")
    thread.start()
    try:
        thread.join(seconds)
    finally:
        stopped.set()
    if thread.is_alive():
        raise OSError(f"{_name(url)}: it took longer than {seconds:g} s")
    if failed:
        raise failed[0]


def _complete(url: str, partial: Path, on_bytes: OnBytes, stopped: threading.Event) -> None:
    """Append to `partial` until it is complete, with new requests as long as each brings more bytes."""
    begun_anew = False
    while True:
        before = _size(partial)
        try:
            return _go_on(url, partial, on_bytes, stopped)
        except (OSError, ValueError, http.client.HTTPException) as error:
            code = None
            if isinstance(error, urllib.error.HTTPError):
                code = error.code
                error.close()
            if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before and not begun_anew:
                # The part is longer than the file on the server: it belongs to another version.
                partial.unlink(missing_ok=True)
                begun_anew = True
            elif _size(partial) <= before or isinstance(error, TooLargeError) or stopped.is_set():
                raise OSError(f"{_name(url)}: {_reason(error)}") from error


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def _opened(partial: Path, *, anew: bool) -> IO[bytes]:
    """Open the file to append to, unless somebody else has put a link or a pipe there.

    Raises:
        OSError: It is a link, or no regular file.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(partial, flags, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{partial} is no file")
    file = os.fdopen(descriptor, "ab")
    if anew:
        file.truncate(0)
    return file


def _go_on(url: str, partial: Path, on_bytes: OnBytes, stopped: threading.Event) -> None:
    """Append what is missing of `partial`.

    Raises:
        TooLargeError: The server sends more than `LARGEST` bytes.
        OSError: It broke off.
    """
    done = _size(partial)
    headers = {"User-Agent": f"tpo/{tpo.__version__}"} | ({"Range": f"bytes={done}-"} if done else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as response:  # noqa: S310 - the scheme was checked
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            # The server ignores the range and sends the whole file.
            done = 0
        length = response.headers.get("Content-Length", "")
        total = done + int(length[:20]) if length.isascii() and length.isdigit() else None
        with _opened(partial, anew=not done) as file:
            # Read what has arrived instead of waiting for the full amount, which may take for ever.
            while chunk := response.read1(CHUNK):
                if stopped.is_set():
                    raise OSError("it was given up")
                if max(total or 0, done + len(chunk)) > LARGEST:
                    raise TooLargeError(f"it has more than {LARGEST} bytes")
                file.write(chunk)
                done += len(chunk)
                on_bytes(_name(url), done, total)
    if total is not None and done < total:
        raise OSError(f"it broke off after {done} of {total} bytes")


def _reason(error: Exception) -> str:
    """Unwrap the cause of a urllib error."""
    reason = getattr(error, "reason", None) or error
    code = f"{error.code} " if isinstance(error, urllib.error.HTTPError) else ""
    return f"{code}{reason_of(reason)}"
