"""Results that are stored, of exhibits and of runs of a task, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import OutputError
from tpo.experiments.analysis import record, store
from tpo.experiments.analysis.result_record import record_of_result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tpo.experiments.spec.schema import Record

FILES = (record.FILE, store.RESULT)
"""What results are in, of either kind."""


def read(path: Path) -> Record:
    """The record of what is in a folder, or in the file there.

    Raises:
        OutputError: There is nothing, or it cannot be understood.
    """
    run = run_folder(path)
    return record.read(path) if run is None else record_of_result(store.load(run))


def below(folder: Path, on_refused: Callable[[OutputError], None]) -> list[Record]:
    """The records of all that is in `folder` or below, by path; `on_refused` is told of what cannot be understood.

    Raises:
        OutputError: There is no such folder.
    """
    if not folder.is_dir():
        message = f"the folder of results must be there; got {str(folder)!r}, which is none."
        raise OutputError(f"{message} Run something first, such as tpo run table1, or check its name.")
    found = []
    for path in sorted(path for name in FILES for path in folder.glob(f"**/{name}")):
        try:
            found.append(read(path))
        except OutputError as error:
            on_refused(error)
    return found


def run_folder(path: Path) -> Path | None:
    """The folder that holds the run of a task in `path`, itself or the file there; `None` if that is none."""
    if path.name == store.RESULT:
        return path.parent
    return path if (path / store.RESULT).exists() else None
