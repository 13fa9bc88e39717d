"""Folders that are written to, by one process at a time: what goes wrong there is said with a remedy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import filelock

from tpo.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = ".lock"


class Use(NamedTuple):
    """What a folder is for.

    Attributes:
        what: In a word.
        choice: What names another one.
    """

    what: str
    choice: str


@contextmanager
def writing(folder: Path, use: Use) -> Iterator[None]:
    """The scope in which `folder` is written.

    Raises:
        OutputError: The operating system refuses.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        message = f"the {use.what} folder must be writable; got {str(folder)!r} ({error.strerror or error})."
        raise OutputError(f"{message} Make room or choose another one: {use.choice}.") from error


@contextmanager
def locked(folder: Path, use: Use) -> Iterator[None]:
    """The scope in which this process alone writes to `folder`, which is created if need be.

    Raises:
        OutputError: Another process does, or the folder cannot be written.
    """
    lock = filelock.FileLock(folder / LOCK, timeout=0)
    with writing(folder, use):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except filelock.Timeout as error:
            message = f"the {use.what} folder must not be in use; got {str(folder)!r}, in which another tpo is at work."
            raise OutputError(f"{message} Wait for it or choose another one: {use.choice}.") from error
    try:
        yield
    finally:
        lock.release()
