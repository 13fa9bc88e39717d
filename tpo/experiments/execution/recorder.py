"""Recording the metrics of a cell while it runs, and writing its checkpoints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import InvalidArgumentError, OutputError
from tpo.experiments.storage import npz
from tpo.experiments.storage.layout import EVALUATED, SECONDS, STATE, check_names
from tpo.experiments.storage.machine import peak_memory_mb
from tpo.experiments.storage.provenance import distinct, made_by, provenance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell
    from tpo.training.trainer import StepResult, Training

CHECKPOINT_SECONDS = 30.0
"""Least seconds between two checkpoints."""

CHECKPOINT_SHARE = 0.02
"""Largest share of the time spent on checkpoints: slow ones are written less often."""


def measured_by(result: StepResult) -> dict[str, np.ndarray[Any, Any]]:
    """Collect all metrics of a step by name, `[S]` each."""
    return {"error": result.metrics.error, "loss": result.metrics.loss, **result.metrics.more}


class Recorder:
    """Records the metrics of a cell and writes its checkpoints."""

    def __init__(self, cell: Cell, path: Path, on_file: Callable[[Path], None]) -> None:
        """Record `cell` with checkpoints at `path`; `on_file` is called after each."""
        self._cell, self._path, self._on_file = cell, path, on_file
        self._curves: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._evaluations: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._evaluated: list[int] = []
        self._seconds: list[float] = []
        self._provenance = provenance_of(cell).to_json()
        self._earlier: list[Mapping[str, Any]] = []
        self._spent, self._began, self._peak = 0.0, time.process_time(), 0.0
        self._due = time.monotonic() + CHECKPOINT_SECONDS

    def resume(self, training: Training) -> int:
        """Restore `training` from the last checkpoint, if there is one; return the number of steps done."""
        if not self._path.exists():
            return 0
        header, arrays = npz.read(self._path)
        if not self._cell.is_described_by(header.get("cell", {})) or "step" not in header:
            message = (
                f"{str(self._path)!r} must be the checkpoint of the cell that it is named after; got another file."
            )
            raise OutputError(f"{message} Delete it to begin anew.")
        try:
            return self._take(header, arrays, training)
        except (InvalidArgumentError, LookupError, ValueError, TypeError) as error:
            message = f"{str(self._path)!r} must be a checkpoint of this run; got another version's."
            raise OutputError(f"{message} Delete it to begin anew.") from error

    def _take(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]], training: Training) -> int:
        """Resume from a checkpoint; return the number of steps done."""
        snapshot = {name.removeprefix(STATE): array for name, array in arrays.items() if name.startswith(f"{STATE}/")}
        training.restore(header["step"], snapshot)
        self._earlier = made_by(header)
        self._spent, self._peak = header["cpu_seconds"], header.get("peak_memory_mb", 0.0)
        self._curves = {name: list(arrays[name].T) for name in header["curves"]}
        self._evaluations = {name: list(arrays[name].T) for name in header.get("evaluations", ())}
        self._evaluated = arrays[EVALUATED].tolist() if self._evaluations else []
        self._seconds = list(arrays[SECONDS])
        return int(header["step"])

    def add(self, result: StepResult, training: Training) -> None:
        """Record a step; write a checkpoint if it is due."""
        measured = measured_by(result)
        if result.evaluation or not self._seconds:
            check_names(measured, result.evaluation)
        for name, values in measured.items():
            self._curves.setdefault(name, []).append(np.asarray(values, np.float64))
        for name, values in result.evaluation.items():
            self._evaluations.setdefault(name, []).append(np.asarray(values, np.float64))
        if result.evaluation:
            self._evaluated.append(result.step + 1)
        self._seconds.append(result.seconds)
        if time.monotonic() >= self._due and self.complete(training):
            self.checkpoint(training)

    def complete(self, training: Training) -> bool:
        """Whether all steps in the training's state are recorded, as is the case between blocks of steps."""
        return len(self._seconds) == training.step

    def checkpoint(self, training: Training) -> None:
        """Write a checkpoint: metrics, header and training state."""
        started = time.monotonic()
        state = {f"{STATE}{path}": array for path, array in training.snapshot().items()}
        npz.write(self._path, self.header() | {"step": training.step}, self.arrays() | state)
        self._on_file(self._path)
        took = time.monotonic() - started
        self._due = time.monotonic() + max(CHECKPOINT_SECONDS - took, took / CHECKPOINT_SHARE)

    def means(self, step: int) -> dict[str, float]:
        """Average the metrics of a step, and of the evaluation after it, if any, over seeds."""
        means = {name: float(values[step].mean()) for name, values in self._curves.items()}
        if step + 1 in self._evaluated:
            number = self._evaluated.index(step + 1)
            means |= {name: float(values[number].mean()) for name, values in self._evaluations.items()}
        return means

    def header(self) -> dict[str, Any]:
        """Build the header: the cell, its provenance, its cost, and the names of metrics and evaluations.

        The cost includes all attempts, with imports and compilation, except work that was lost when one was killed.
        """
        return {
            "cell": self._cell.to_json(),
            "provenance": self._provenance,
            "earlier": distinct(self._earlier),
            "cpu_seconds": self._spent + time.process_time() - self._began,
            "peak_memory_mb": max(self._peak, peak_memory_mb()),
            "curves": list(self._curves),
            "evaluations": list(self._evaluations),
        }

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Stack curves `[S, N]`, evaluations `[S, M]` and their steps, and the seconds of each step."""
        measured = {**self._curves, **self._evaluations}
        arrays = {name: np.stack(values, axis=1) for name, values in measured.items()}
        if self._evaluated:
            arrays[EVALUATED] = np.asarray(self._evaluated)
        return arrays | {SECONDS: np.asarray(self._seconds)}
