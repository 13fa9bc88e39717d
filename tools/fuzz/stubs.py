"""Stubs for slow or external parts of commands: training, drawing and downloads."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import struct
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from tpo.data import catalogue as data_catalogue
from tpo.data.catalogue import SIZES, DataSet
from tpo.errors import NotInstalledError, TPOError
from tpo.experiments.catalogue import catalogue
from tpo.experiments.execution.messages import Ended, News
from tpo.experiments.figures import exhibit
from tpo.experiments.storage import npz
from tpo.experiments.storage.provenance import provenance_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore

MOST_NUMBERS = 200_000
"""Limit on the numbers of a generated curve; longer runs are refused."""

PROCESSES = "tpo.experiments.execution.processes.processes"
"""The function that opens the default launcher."""

SMALL = "small"
"""Name of a data set of a few images."""


@functools.cache
def names() -> tuple[str, ...]:
    """List every metric that an exhibit shows."""
    shown = {name for exhibit in catalogue().values() for name in exhibit.measures}
    return tuple(sorted({"error", "loss", *shown} - {"test_error"}))


_PROVENANCES: dict[str, dict[str, Any]] = {}
"""Cache of the provenances by backend: looking one up takes a quarter of a second."""


def header(cell: Cell) -> dict[str, Any]:
    """Build the header of a result of `cell`."""
    if cell.backend not in _PROVENANCES:
        _PROVENANCES[cell.backend] = provenance_of(cell).to_json()
    made = _PROVENANCES[cell.backend]
    costs = {"cpu_seconds": 1.0, "peak_memory_mb": 1.0, "resumed_at": 0}
    lists = {"curves": list(names()), "evaluations": ["test_error"], "earlier": []}
    return {"cell": cell.to_json(), "provenance": made, **costs, **lists}


def arrays(cell: Cell) -> dict[str, np.ndarray[Any, Any]]:
    """Curves that fall, of everything that a task may measure.

    Raises:
        TPOError: They would be too long.
    """
    if cell.steps * len(cell.seeds) > MOST_NUMBERS:
        raise TPOError("a run must be short to be made up.")
    curve = np.ones((len(cell.seeds), 1)) / np.arange(1, cell.steps + 1)
    curves = dict.fromkeys(names(), curve)
    return {**curves, "test_error": curve[:, -1:], "evaluated": np.asarray([cell.steps]), "seconds": curve[0]}


class Instant:
    """A launcher that generates results immediately."""

    jobs = 1

    def __init__(self) -> None:
        """Create a launcher without messages."""
        self._said: list[News | Ended] = []

    @property
    def running(self) -> int:
        """The number of cells with a message."""
        return len(self._said) > 0

    def start(self, cell: Cell, library: CellStore) -> None:
        """Write a generated result."""
        npz.write(library.path(cell), header(cell), arrays(cell))
        self._said = [News(cell.digest, 1, {"error": 1.0, "loss": 1.0}), Ended(cell, "exit code 0")]

    def hear(self) -> list[News | Ended]:
        """Return the messages that cells are finished."""
        said, self._said = self._said, []
        return said

    def stop(self) -> None:
        """Nothing runs."""

    def kill(self) -> None:
        """Nothing runs."""
        self._said = []


@contextlib.contextmanager
def instant(address: str | None, jobs: int | None) -> Iterator[Instant]:
    """Open the launcher `Instant`."""
    del address, jobs
    yield Instant()


def idx_files() -> dict[str, bytes]:
    """Create four small files of images and labels."""
    images = struct.pack(">HBB3I", 0, 8, 3, 2, 28, 28) + b"\x07" * (2 * 28 * 28)
    labels = struct.pack(">HBB1I", 0, 8, 1, 2) + b"\1\2"
    return dict(zip(SIZES, (images, labels, images, labels), strict=True))


def data_sets() -> dict[str, DataSet]:
    """The usual data sets without sources, and a small one."""
    files = idx_files()
    sums = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in files.items()}
    sizes = {name: len(content) for name, content in files.items()}
    known = {name: dataclasses.replace(one, sources=()) for name, one in data_catalogue.DATA_SETS.items()}
    small = DataSet(name=SMALL, title="Small", checksums=sums, sizes=sizes, sources=(), by_hand="draw them")
    return known | {SMALL: small}


def no_drawing(*_: object) -> Any:
    """Refuse to draw a figure, as if matplotlib were missing.

    Raises:
        NotInstalledError: Always.
    """
    raise NotInstalledError("matplotlib must be installed; got no such module. It takes too long here.")


@contextlib.contextmanager
def stubbed() -> Iterator[None]:
    """Replace training, drawing and downloads in a scope."""
    with (
        mock.patch(PROCESSES, instant),
        # It would wait for the disk.
        mock.patch("os.fsync"),
        mock.patch.object(exhibit, "write", no_drawing),
        mock.patch.dict(data_catalogue.DATA_SETS, data_sets()),  # type: ignore[arg-type]
    ):
        yield
