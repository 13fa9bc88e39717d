"""Sources of data sets: web mirrors, npm and PyPI."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tpo.data.download import download
from tpo.experiments.storage.decoding import from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tpo.data.download import OnBytes

NPM_REGISTRY = "https://registry.npmjs.org"
PYPI = "https://pypi.org/pypi"

COMMAND_SECONDS = 900
"""Timeout for a package manager."""

LAST_WORDS = 200
"""Characters of a failing command's output that are passed on."""


PACKAGE = "package"
"""File name of a downloaded archive."""


class Distribution(msgspec.Struct):
    """A file in the listing of an index; further fields are ignored."""

    url: str
    packagetype: str


class Listing(msgspec.Struct):
    """PyPI's listing of the files of a package; further fields are ignored."""

    urls: list[Distribution]


class Source(NamedTuple):
    """A source that may have the files of a data set.

    Attributes:
        title: Its name, as printed.
        fetch: Takes the file names, a work folder and a progress callback; returns the folder or archive with the
            files. Raises OSError if that fails. A later call may resume from the files that it leaves.
        resumes: Whether it does so. One that does not, and runs a program, works in a new folder that nobody else can
            write to.
    """

    title: str
    fetch: Callable[[Sequence[str], Path, OnBytes], Path]
    resumes: bool = True


def from_mirror(address: str) -> Source:
    """A source that downloads each file from `address/NAME.gz`."""
    return Source(address, partial(_fetch_mirror, address))


def from_npm(package: str, version: str) -> Source:
    """A source that downloads a package from npm's registry."""
    url = f"{NPM_REGISTRY}/{package}/-/{package}-{version}.tgz"
    return Source(f"{NPM_REGISTRY}, {package} {version}", partial(_fetch_file, url))


def from_npm_command(package: str, version: str) -> Source:
    """A source that runs the command `npm`, which follows the user's settings, such as a mirror."""
    command = ("pack", f"{package}@{version}", "--ignore-scripts", "--silent", "--pack-destination", ".")
    fetch = partial(_run, lambda: shutil.which("npm"), command, "npm")
    return Source(f"{package} {version} through npm", fetch, resumes=False)


def from_pypi(package: str, version: str) -> Source:
    """A source that downloads the wheel of a package from PyPI."""
    return Source(f"{PYPI}, {package} {version}", partial(_fetch_wheel, f"{PYPI}/{package}/{version}/json"))


def from_pip_command(package: str, version: str) -> Source:
    """A source that runs `pip`, which follows the user's settings, such as a mirror."""
    # Without -P, what lies in the current folder is imported.
    command = (
        "-P",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--only-binary=:all:",
    )
    title = f"{package} {version} through pip"
    fetch = partial(_run, lambda: sys.executable, (*command, "--dest", ".", f"{package}=={version}"), "pip")
    return Source(title, fetch, resumes=False)


def _fetch_mirror(address: str, names: Sequence[str], folder: Path, on_bytes: OnBytes) -> Path:
    for name in names:
        target = folder / f"{name}.gz"
        if not target.exists():
            download(f"{address}/{name}.gz", target, on_bytes)
    return folder


def _fetch_file(url: str, names: Sequence[str], folder: Path, on_bytes: OnBytes) -> Path:
    del names
    # Not named by the address, which an index may choose freely.
    return download(url, folder / PACKAGE, on_bytes)


def _fetch_wheel(index: str, names: Sequence[str], folder: Path, on_bytes: OnBytes) -> Path:
    listing = download(index, folder / "index.json", on_bytes)
    try:
        listed = from_json(listing.read_bytes(), Listing).urls
    except ValueError as error:
        raise OSError(f"{index}: no list of files ({error})") from error
    finally:
        listing.unlink()
    wheels = [one.url for one in listed if one.packagetype == "bdist_wheel"]
    if not wheels:
        raise OSError(f"{index}: no wheel")
    return _fetch_file(wheels[0], names, folder, on_bytes)


def _run(
    find: Callable[[], str | None],
    arguments: Sequence[str],
    name: str,
    names: Sequence[str],
    folder: Path,
    on_bytes: OnBytes,
) -> Path:
    """Run a package manager that downloads into `folder`.

    Raises:
        OSError: It is missing, or fails.
    """
    del names
    program = find()
    if program is None:
        raise OSError(f"{name} is not installed")
    on_bytes(name, 0, None)
    try:
        subprocess.run(  # noqa: S603 - the arguments are constants
            [program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            check=True,
            timeout=COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{name} took longer than {COMMAND_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        said = " ".join((error.stderr or error.stdout or "nothing was said").split())
        raise OSError(f"{name} failed: {said[-LAST_WORDS:]}") from error
    return folder
