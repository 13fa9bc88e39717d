"""Atomic writing of files, only over regular files, and reading of regular files up to a size limit."""

from __future__ import annotations

import os
import secrets
import stat
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from tpo.errors import OutputError

try:
    from lzma import LZMAError
except ImportError:  # Python can be built without it, and then refuses such members by a RuntimeError
    LZMAError = zipfile.BadZipFile  # type: ignore[misc, assignment]

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY = ".part"
"""Suffix of a file that is being written."""

KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
"""Kinds of paths that are not regular files, with their names."""

BROKEN_ZIP = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError, LookupError, AttributeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, LZMAError, struct.error),
)
"""Errors of zipfile at damaged files; encrypted members and unknown methods are a RuntimeError."""


def replace(path: Path, content: bytes) -> None:
    """Replace the content of a file atomically: readers see the old content or the new, never a part.

    Raises:
        OutputError: `path` is a link, a folder, a device or a pipe, which replacing would destroy.
        OSError: The operating system refuses; the old content is still there.
    """
    check_writable(path)
    # A short name, since the name of the file may be as long as the file system allows.
    temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}{TEMPORARY}")
    try:
        # "x" refuses existing names, and so never follows a planted link.
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Delete the files in a folder that a killed process was writing. Only for a folder that nobody else writes to."""
    for path in folder.glob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise an error if a path is not a regular file that may be replaced or extended.

    Raises:
        OutputError: `path` is a link, a folder, a device or a pipe.
        OSError: The operating system refuses to tell.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        message = f"an output must be a new or a regular file; got {str(path)!r}, which is {_kind(mode)}."
        raise OutputError(f"{message} Remove it, or choose another name.")


def read(path: Path, limit: int) -> bytes:
    """Read a regular file, or the one that a link leads to.

    Raises:
        ValueError: It is no regular file, or larger than `limit` bytes.
        OSError: The operating system refuses.
    """
    check_readable(path)
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"it is larger than {limit} bytes")
    return content


def check_readable(path: Path) -> None:
    """Raise an error if a path is not a regular file: opening a pipe without a writer would block.

    Raises:
        ValueError: It is something else.
        OSError: The operating system refuses to tell.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise ValueError(f"it is {_kind(mode)}, and no file")


def _kind(mode: int) -> str:
    return next((name for matches, name in KINDS if matches(mode)), "no file")
