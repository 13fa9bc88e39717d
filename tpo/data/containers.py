"""Finding idx files in folders, archives and pickles, compressed or not."""

from __future__ import annotations

import gzip
import itertools
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from tpo.data import pickled
from tpo.errors import DataError
from tpo.files import BROKEN_ZIP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

GZIP = b"\x1f\x8b"
"""The first bytes of a gzip file."""

PICKLE = "mnist.pkl.gz"
"""File name of MNIST as a compressed pickle of arrays."""

LARGEST_PICKLE = 2**28
"""Limit on the uncompressed pickle, in bytes: images as float32 are four times as large as idx files."""

LARGEST_ARCHIVE = 2**30
"""Limit on an uncompressed tar archive, in bytes: all bytes before a member must be read."""

MOST_ENTRIES = 10_000
"""Limit on the members of an archive: damaged ones can have any number."""

BROKEN = (*BROKEN_ZIP, tarfile.TarError)
"""Errors of Python's readers at damaged files."""

Entry = tuple[str, "Callable[[], IO[bytes]]"]
"""A file's name without folders, and a function that opens it."""


class Limited(gzip.GzipFile):
    """A file, compressed or not, with at most `LARGEST_ARCHIVE` bytes to read."""

    def __init__(self, file: IO[bytes]) -> None:
        """Wrap `file`, which must be at its beginning."""
        self._plain = None if file.read(len(GZIP)) == GZIP else file
        file.seek(0)
        super().__init__(fileobj=file, mode="rb")
        self._rest = LARGEST_ARCHIVE

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes.

        Raises:
            ValueError: It goes on for too long.
        """
        content = super().read(size) if self._plain is None else self._plain.read(-1 if size is None else size)
        self._rest -= len(content)
        if self._rest < 0:
            raise ValueError(f"it has more than {LARGEST_ARCHIVE} bytes")
        return content


def find_idx_files(path: Path, sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Read the idx files in a folder, a tar or zip archive, or a pickle: uncompressed contents by name.

    Args:
        path: The folder or file to search. In a folder, archives are searched, too.
        sizes: The size in bytes of each wanted file, by name: training set before test set, images before labels.
            No more than that is ever read.

    Raises:
        DataError: One is missing, or cannot be read.
    """
    found: dict[str, bytes] = {}
    try:
        for name, opened in _entries(path):
            found |= _decode(name.replace(".idx", "-idx"), opened, sizes, found)
    except BROKEN as error:
        if isinstance(error, DataError):
            raise
        message = f"{str(path)!r} must be a folder, an archive or a pickle of idx files; got {type(error).__name__}"
        raise DataError(f"{message}: {error}. Fetch it again.") from error
    missing = [name for name in sizes if name not in found]
    if missing:
        message = f"{str(path)!r} must hold {', '.join(sizes)}, as they are or as .gz; got none called {missing[0]}."
        raise DataError(f"{message} Take another folder or archive.")
    return found


def _decode(
    name: str, opened: Callable[[], IO[bytes]], sizes: Mapping[str, int], found: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Read the wanted files, not `found` yet, that the entry `name` is or contains."""
    plain = name.removesuffix(".gz")
    if plain in sizes and plain not in found:
        return {plain: _read(opened, sizes[plain], compressed=name != plain)}
    if name == PICKLE and set(sizes) - set(found):
        images, labels, test_images, test_labels = sizes
        content = _read(opened, LARGEST_PICKLE, compressed=True)
        return pickled.idx_files(content, (images, labels, test_images, test_labels))
    return {}


def _read(opened: Callable[[], IO[bytes]], limit: int, *, compressed: bool) -> bytes:
    """Read at most one byte more than `limit`; with that byte the checksum fails."""
    with opened() as file:
        return gzip.GzipFile(fileobj=file).read(limit + 1) if compressed else file.read(limit + 1)


def _entries(path: Path) -> Iterator[Entry]:
    if not path.is_dir():
        yield from _entries_of_file(path)
        return
    for file in sorted(path.iterdir()):
        if file.is_file():
            yield from _entries_of_file(file)


def _entries_of_file(path: Path) -> Iterator[Entry]:
    """List the file itself, or the entries of an archive."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist()[:MOST_ENTRIES]:
                yield PurePosixPath(name).name, lambda name=name: archive.open(name)  # type: ignore[misc]
    elif tarfile.is_tarfile(path):
        with path.open("rb") as file, Limited(file) as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in itertools.islice(archive, MOST_ENTRIES):
                if member.isfile() and member.size >= 0:
                    yield PurePosixPath(member.name).name, lambda member=member: archive.extractfile(member)  # type: ignore[misc]
    else:
        yield path.name, lambda: path.open("rb")
