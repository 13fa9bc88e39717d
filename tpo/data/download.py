"""Resumable downloads."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import tpo

if TYPE_CHECKING:
    from pathlib import Path

PARTIAL = ".partial"
"""Suffix of an incomplete download."""

CHUNK = 2**16
SILENCE_SECONDS = 20.0
"""Timeout for a server that sends nothing."""

SCHEMES = ("http://", "https://")


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
        OSError: The server cannot be reached, refuses, or breaks off without sending any more.
    """
    if not url.startswith(SCHEMES):
        raise OSError(f"not an address of the web: {url!r}")
    partial = target.with_name(target.name + PARTIAL)
    while True:
        before = _size(partial)
        try:
            _go_on(url, partial, on_bytes)
        except (OSError, http.client.HTTPException) as error:
            code = error.code if isinstance(error, urllib.error.HTTPError) else None
            if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and before:
                # The part is longer than the file on the server: it belongs to another version.
                partial.unlink(missing_ok=True)
            elif _size(partial) <= before:
                raise OSError(f"{_name(url)}: {_reason(error)}") from error
        else:
            return partial.replace(target)


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _go_on(url: str, partial: Path, on_bytes: OnBytes) -> None:
    """Append the missing bytes to `partial`.

    Raises:
        OSError: The connection broke off.
    """
    done = _size(partial)
    headers = {"User-Agent": f"tpo/{tpo.__version__}"} | ({"Range": f"bytes={done}-"} if done else {})
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as response:  # noqa: S310 - the scheme was checked
        if response.status != HTTPStatus.PARTIAL_CONTENT:
            # The server ignores the range and sends the whole file.
            done = 0
        length = response.headers.get("Content-Length")
        total = None if length is None else done + int(length)
        with partial.open("ab" if done else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                on_bytes(_name(url), done, total)
    if total is not None and done < total:
        raise OSError(f"it broke off after {done} of {total} bytes")


def _reason(error: Exception) -> str:
    """Unwrap the cause of a urllib error."""
    reason = getattr(error, "reason", None) or error
    code = f"{error.code} " if isinstance(error, urllib.error.HTTPError) else ""
    return f"{code}{getattr(reason, 'strerror', None) or reason}"
