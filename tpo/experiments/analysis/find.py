"""Finding and reading stored records, including those of earlier versions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tpo.errors import OutputError, reason_of
from tpo.experiments.analysis import earlier, record
from tpo.experiments.spec.overrides import UNSET, flat
from tpo.experiments.spec.schema import RESULTS_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.spec.schema import Record

REMEDY = "Choose another --output or pass --overwrite."


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

    Each has its own folder, from `folder` on, as `folder`.

    Raises:
        OutputError: There is no such folder.
    """
    if not folder.is_dir():
        message = f"the folder of results must exist; got {str(folder)!r}, which is not a folder."
        raise OutputError(f"{message} Run something first, such as tpo run table1, or check its name.")
    found = []
    for path in sorted(_with_records(folder, on_refused)):
        try:
            found.append(read(path) | {"folder": path.relative_to(folder).as_posix()})
        except OutputError as error:
            on_refused(error)
        except OSError as error:
            on_refused(_unreadable(error))
    return found


def _with_records(folder: Path, on_refused: Callable[[OutputError], None]) -> Iterator[Path]:
    """The folders, from `folder` down, that hold a record; `on_refused` is called for those that cannot be read."""
    for place, folders, names in os.walk(folder, onerror=lambda error: on_refused(_unreadable(error))):
        if {record.FILE, earlier.RESULT} & {*folders, *names}:
            yield Path(place)


def _unreadable(error: OSError) -> OutputError:
    message = f"a folder of results must be readable; got {error.filename!r} ({reason_of(error)})."
    return OutputError(f"{message} Change its permissions.")


def stored_run(folder: Path, planned: Plan) -> Record | None:
    """Read the record in `folder` if it is the complete record of `planned`, a task run; `None` if it must be run.

    Raises:
        OutputError: The folder has another run, results of another version, or damaged files.
    """
    try:
        stored = read(folder) if holds_record(folder) else None
    except OutputError as error:
        raise OutputError(f"{error} To replace it, pass --overwrite.") from error
    if stored is None or not any(stored["panels"].values()):
        return None
    if difference := _difference(stored["settings"], planned):
        message = f"the output folder must be empty or hold this very run; got {str(folder)!r}, which holds another run"
        raise OutputError(f"{message} ({difference}). {REMEDY}")
    if stored.get("numbers", 1) != RESULTS_VERSION:
        message = f"the output folder must be empty or hold results of this version; got {str(folder)!r}, which holds"
        raise OutputError(f"{message} this run as another version of tpo computed it. {REMEDY}")
    return stored if stored["completed"] else None


def _difference(stored: Mapping[str, Any], planned: Plan) -> str | None:
    """Describe the first difference of stored settings from those of `planned`; `None` if there is none."""
    wanted = planned.settings()
    if set(stored) != set(wanted):
        return f"of {', '.join(stored)}, not {', '.join(wanted)}"
    for (label, ours), (cell, *_) in zip(wanted.items(), planned.cells.values(), strict=True):
        if not cell.is_described_by(stored[label]):
            old, new = flat(stored[label]), flat(ours)
            for name in {**new, **old}:
                if _text(old, name) != _text(new, name):
                    return f"the {name} of {label} is {_text(old, name)}, not {_text(new, name)}"
            return f"{label} has a setting without content"
    return None


def _text(settings: Mapping[str, Any], name: str) -> str:
    return repr(settings[name]) if name in settings else UNSET
