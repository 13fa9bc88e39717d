"""Writing to folders, by one process at a time; errors of the operating system get a remedy."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import filelock
import platformdirs

from tpo.errors import DataError, OutputError, reason_of
from tpo.files import check_writable

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOCK = ".lock"

WAIT_SECONDS = 0.5
"""Seconds between two attempts to lock a folder that is waited for."""

REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Make room or choose another one"),
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.EISDIR: "Remove the folder that is in the way, or choose another one",
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "Remove the file that is in the way, or choose another folder"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "Let yourself write to it, or choose another one"),
}
"""Remedies for errors of the operating system, by error number."""

OTHERWISE = "Choose another one"
"""The remedy for the other errors."""

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


def cache_folder(variable: str, name: str) -> Path:
    """The folder that an environment variable names, or else the one called `name` in the user's cache.

    Raises:
        DataError: The variable names the home folder of an unknown user.
    """
    chosen = os.environ.get(variable)
    try:
        return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("tpo") / name
    except RuntimeError as error:
        message = f"the environment variable {variable} must name a folder; got {chosen!r} ({error})."
        raise DataError(f"{message} Write the folder out.") from error


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
        remedy = REMEDIES.get(error.errno or 0, OTHERWISE)
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
def locked(folder: Path, use: Use, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Lock `folder` for writing by this process alone; create it if necessary.

    Args:
        folder: The folder.
        use: Its purpose, for error messages.
        on_wait: Called now and then while another process holds the lock, which is waited for. By default there is no
            waiting.

    Raises:
        OutputError: Another process holds the lock and is not waited for, or the folder cannot be written.
    """
    lock = filelock.FileLock(folder / LOCK, timeout=0.0 if on_wait is None else WAIT_SECONDS)
    with writing(folder, use):
        folder.mkdir(parents=True, exist_ok=True)
        # filelock empties what it opens, and older versions follow links.
        check_writable(folder / LOCK)
        while not _acquire(lock, folder, use, waits=on_wait is not None):
            if on_wait is not None:
                on_wait()
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: filelock.BaseFileLock, folder: Path, use: Use, *, waits: bool) -> bool:
    """Acquire a lock within its timeout; return whether it is held.

    Raises:
        OutputError: Another process holds it and the caller does not wait, or there are no locks here.
    """
    try:
        lock.acquire()
    except filelock.Timeout as error:
        _check_locks(folder, use)
        if waits:
            return False
        message = f"the {use.what} folder must not be in use; got {str(folder)!r}, in which another tpo is at work."
        raise OutputError(f"{message} Wait for it or choose another one: {use.choice}.") from error
    except NotImplementedError as error:
        raise _unlockable(folder, use, error) from error
    except OSError as error:
        raise (_unlockable(folder, use, error) if error.errno in UNLOCKABLE else error) from error
    return True


def _check_locks(folder: Path, use: Use) -> None:
    """Check that the file system has locks: older versions of filelock report its errors as a held lock.

    Raises:
        OutputError: It has no locks.
    """
    if sys.platform == "win32":
        return
    try:
        # A file of its own: a lock on the folder's, however short, would keep another process out.
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in UNLOCKABLE:
            raise _unlockable(folder, use, error) from error


def _unlockable(folder: Path, use: Use, error: Exception) -> OutputError:
    message = f"the {use.what} folder must be on a file system with locks; got {str(folder)!r} ({error})."
    return OutputError(f"{message} Choose one on a disk of this machine: {use.choice}.")
