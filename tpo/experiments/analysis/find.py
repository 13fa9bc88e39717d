"""Finding and reading stored records, including those of earlier versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import OutputError
from tpo.experiments.analysis import earlier, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tpo.experiments.spec.schema import Record


def read(path: Path) -> Record:
    """Read the record in a folder, or in a file.

    Raises:
        OutputError: There is none, or it is damaged or foreign.
    """
    file = path / earlier.RESULT if path.is_dir() and not (path / record.FILE).exists() else path
    return earlier.read(file) if file.name == earlier.RESULT and file.exists() else record.read(path)


def holds_record(folder: Path) -> bool:
    """Whether `folder` has a record."""
    return any((folder / name).exists() for name in (record.FILE, earlier.RESULT))


def below(folder: Path, on_refused: Callable[[OutputError], None]) -> list[Record]:
    """Read all records in `folder` and below, by path; `on_refused` is called for unreadable ones.

    Raises:
        OutputError: There is no such folder.
    """
    if not folder.is_dir():
        message = f"the folder of results must be there; got {str(folder)!r}, which is none."
        raise OutputError(f"{message} Run something first, such as tpo run table1, or check its name.")
    found = []
    for path in sorted({path.parent for name in (record.FILE, earlier.RESULT) for path in folder.glob(f"**/{name}")}):
        try:
            found.append(read(path))
        except OutputError as error:
            on_refused(error)
    return found
