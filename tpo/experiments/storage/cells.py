"""The store of cells: a folder of results named by the digest of their settings."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo.errors import OutputError, unknown_name
from tpo.experiments.storage import npz
from tpo.experiments.storage.decoding import LARGEST
from tpo.experiments.storage.layout import CHECKPOINT, EVALUATED, SECONDS, STATE, checkpoint_of
from tpo.experiments.storage.output import OUTPUT
from tpo.experiments.storage.series import Series
from tpo.files import remove_partial
from tpo.folders import locked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np

    from tpo.experiments.spec.cell import Cell

NUMERIC = "fiub"
"""NumPy's kinds of the dtypes of metrics."""

WIDEST = 8
"""The most bytes of a number that all libraries, and JSON, can hold."""

RESULT = ".npz"
"""Suffix of the file of a cell's result."""


@dataclass(frozen=True, eq=False)
class CellResult:
    """The result of a cell.

    Attributes:
        header: The cell as plain data, its provenance and cost.
        arrays: `error`, `loss` and the other metrics of each step, `[S, N]`; `seconds`, `[N]`; metrics of evaluations,
            `[S, M]`, and the numbers of steps done at each, `evaluated`, `[M]`.
    """

    header: dict[str, Any]
    arrays: dict[str, np.ndarray[Any, Any]]

    def series(self, name: str) -> Series:
        """Return the metric called `name` as a series over steps.

        Raises:
            UnknownNameError: The task has no such metric.
        """
        if name not in self.arrays:
            raise unknown_name("curve of this task", name, self.arrays)
        if name in self.header.get("evaluations", ()):
            return Series(self.arrays[EVALUATED], self.arrays[name])
        return Series.of_every_step(self.arrays[name])


@dataclass(frozen=True)
class CellStore:
    """A store of results and checkpoints of cells in a folder.

    Attributes:
        folder: The folder, created when it is first written to.
    """

    folder: Path

    def path(self, cell: Cell) -> Path:
        """Return the file of a cell's result."""
        return self.folder / f"{cell.digest}{RESULT}"

    def checkpoint(self, cell: Cell) -> Path:
        """Return the file of a cell's checkpoint."""
        return checkpoint_of(self.path(cell))

    def discard(self, cells: Iterable[Cell]) -> None:
        """Delete results and checkpoints of `cells`, including those of other versions."""
        for digest in [digest for cell in cells for digest in (cell.digest, *cell.outdated_digests)]:
            for end in (RESULT, CHECKPOINT):
                (self.folder / f"{digest}{end}").unlink(missing_ok=True)

    def discard_checkpoint(self, cell: Cell) -> None:
        """Delete the checkpoint of a cell that has a result."""
        if self.path(cell).exists():
            self.checkpoint(cell).unlink(missing_ok=True)

    def missing(self, cells: Sequence[Cell]) -> list[Cell]:
        """List the cells without a result, each once."""
        by_digest = {cell.digest: cell for cell in cells}
        return [cell for cell in by_digest.values() if not self.path(cell).exists()]

    def begun(self, cells: Sequence[Cell]) -> dict[str, int]:
        """Count the steps in the checkpoints of cells without a result, by digest.

        Raises:
            OutputError: A checkpoint is damaged, foreign, or of another version.
        """
        found = {cell.digest: self.load_unfinished(cell) for cell in self.missing(cells)}
        return {digest: len(one.arrays[SECONDS]) for digest, one in found.items() if one is not None}

    def outdated(self, cells: Iterable[Cell]) -> list[Cell]:
        """List the cells whose only result comes from a version with other numerical results."""
        return [cell for cell in cells if not self.path(cell).exists() and any(map(self._holds, cell.outdated_digests))]

    def _holds(self, digest: str) -> bool:
        return (self.folder / f"{digest}{RESULT}").exists()

    def load(self, cell: Cell) -> CellResult | None:
        """Load the result of `cell`; `None` if there is none.

        Raises:
            OutputError: Its file is damaged, foreign, or of another version.
        """
        found = _read(self.path(cell), cell)
        if found is not None and not _is_whole(found, cell):
            message = f"{str(self.path(cell))!r} must hold all steps of its run; got a part of them, or another file."
            raise OutputError(f"{message} Delete it to run this part again.")
        return found

    def load_unfinished(self, cell: Cell) -> CellResult | None:
        """Load the metrics of `cell` so far, from its result or its checkpoint; `None` if it has neither.

        Raises:
            OutputError: A file is damaged, foreign, or of another version.
        """
        found = self.load(cell) or _read(self.checkpoint(cell), cell)
        if found is not None and not _has_shapes(found, cell):
            message = f"{str(self.checkpoint(cell))!r} must be the checkpoint of its run; got other numbers."
            raise OutputError(f"{message} Delete it to run this part again.")
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store for writing by this process alone.

        Raises:
            OutputError: Another process holds the lock, or the folder cannot be written.
        """
        with locked(self.folder, OUTPUT):
            self._clean()
            yield

    def _clean(self) -> None:
        """Delete incomplete files of a killed process, and checkpoints of cells with a result."""
        remove_partial(self.folder)
        for path in self.folder.glob(f"*{CHECKPOINT}"):
            if path.with_name(path.name.replace(CHECKPOINT, RESULT)).exists():
                path.unlink(missing_ok=True)


def _read(path: Path, cell: Cell) -> CellResult | None:
    """Read the file at `path` as a result of `cell`; `None` if there is no file."""
    if not path.exists():
        return None
    header, arrays = npz.read(path)
    if not cell.is_described_by(header.get("cell", {})):
        message = f"{str(path)!r} must hold the result of the cell that it is named after; got another cell's."
        raise OutputError(f"{message} Delete it to run this part again.")
    return CellResult(header, arrays)


def _is_whole(found: CellResult, cell: Cell) -> bool:
    """Whether a result has the errors and seconds of all steps, and its provenance."""
    if not _has_shapes(found, cell) or not {"provenance", "cpu_seconds"} <= set(found.header):
        return False
    return len(found.arrays[SECONDS]) == cell.steps


def _has_shapes(found: CellResult, cell: Cell) -> bool:
    """Whether there are errors and seconds, and all is of as many seeds and steps as it must be."""
    arrays, evaluations = found.arrays, found.header.get("evaluations", ())
    if not {"error", SECONDS, *evaluations, *((EVALUATED,) if evaluations else ())} <= set(arrays):
        return False
    steps, times = arrays[SECONDS].shape, arrays.get(EVALUATED, arrays[SECONDS][:0]).shape
    shapes = {SECONDS: steps, EVALUATED: times} | dict.fromkeys(evaluations, (len(cell.seeds), *times))
    measured = {name: array for name, array in arrays.items() if not name.startswith(f"{STATE}/")}
    is_fitting = len(steps) == len(times) == 1 and all(
        _is_numeric(array) and array.shape == shapes.get(name, (len(cell.seeds), *steps))
        for name, array in measured.items()
    )
    return is_fitting and bool((abs(arrays[SECONDS]) <= LARGEST).all())


def _is_numeric(array: np.ndarray[Any, Any]) -> bool:
    return array.dtype.kind in NUMERIC and array.itemsize <= WIDEST
