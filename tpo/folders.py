"""Writing to folders, by one process at a time; errors of the operating system get a remedy."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import filelock

from tpo.errors import OutputError, reason_of
from tpo.files import check_writable

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = ".lock"

REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room or choose another one"),
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.EISDIR: "Remove the folder that is in the way, or choose another one",
}
"""Remedies for errors of the operating system, by error number."""

UNLOCKABLE = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)
"""Errors of file systems that have no locks."""


class Use(NamedTuple):
    """The purpose of a folder, for error messages.

    Attributes:
        what: The content, in a word.
        choice: The option or variable that chooses another folder.
    """

    what: str
    choice: str


@contextmanager
def writing(folder: Path, use: Use) -> Iterator[None]:
    """Turn errors of the operating system while `folder` is written into `OutputError`.

    Raises:
        OutputError: The operating system refuses.
    """
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        message = f"the {use.what} folder must be writable; got {str(folder)!r} ({reason_of(error)})."
        remedy = REMEDIES.get(error.errno or 0, "Make room or choose another one")
        raise OutputError(f"{message} {remedy}: {use.choice}.") from error


def make_private(folder: Path) -> None:
    """Make a folder that nobody else can write to, or take one that is there.

    Raises:
        OutputError: The one that is there is a link, or of somebody else, or others can write to it.
        OSError: The operating system refuses.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or found.st_uid != getattr(os, "getuid", lambda: 0)()
        if not stat.S_ISDIR(found.st_mode) or others:
            message = f"a folder to work in must be one that only you can write to; got {str(folder)!r}."
            raise OutputError(f"{message} Remove it.") from None


@contextmanager
def locked(folder: Path, use: Use) -> Iterator[None]:
    """Lock `folder` for writing by this process alone; create it if necessary.

    Raises:
        OutputError: Another process holds the lock, or the folder cannot be written.
    """
    lock = filelock.FileLock(folder / LOCK, timeout=0)
    with writing(folder, use):
        folder.mkdir(parents=True, exist_ok=True)
        # filelock empties what it opens, and older versions follow links.
        check_writable(folder / LOCK)
        _acquire(lock, folder, use)
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: filelock.BaseFileLock, folder: Path, use: Use) -> None:
    try:
        lock.acquire()
    except filelock.Timeout as error:
        _check_locks(folder, use)
        message = f"the {use.what} folder must not be in use; got {str(folder)!r}, in which another tpo is at work."
        raise OutputError(f"{message} Wait for it or choose another one: {use.choice}.") from error
    except NotImplementedError as error:
        raise _unlockable(folder, use, error) from error
    except OSError as error:
        raise (_unlockable(folder, use, error) if error.errno in UNLOCKABLE else error) from error


def _check_locks(folder: Path, use: Use) -> None:
    """Ask the file system itself: older versions of filelock take any error of its for a lock that is taken.

    Raises:
        OutputError: It has no locks.
    """
    if sys.platform == "win32":
        return
    with (folder / LOCK).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in UNLOCKABLE:
                raise _unlockable(folder, use, error) from error


def _unlockable(folder: Path, use: Use, error: Exception) -> OutputError:
    message = f"the {use.what} folder must be on a file system with locks; got {str(folder)!r} ({error})."
    return OutputError(f"{message} Choose one on a disk of this machine: {use.choice}.")
