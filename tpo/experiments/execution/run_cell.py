"""Running a cell: from where an earlier attempt stopped, to its result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import InvalidArgumentError, OutputError
from tpo.experiments.storage import npz
from tpo.experiments.storage.layout import EVALUATED, SECONDS, STATE, check_names, checkpoint_of
from tpo.experiments.storage.provenance import distinct, made_by, peak_memory_mb, provenance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell
    from tpo.training.trainer import StepResult, Training

CHECKPOINT_SECONDS = 30.0
"""At most so much work is lost when a process is killed."""

CHECKPOINT_SHARE = 0.02
"""Checkpoints take at most this share of the time: those that are slow to write come more seldom."""


def ignore(*_: object) -> None:
    """What to do with news that nobody asked for."""


def measured_by(result: StepResult) -> dict[str, np.ndarray[Any, Any]]:
    """All that a step measured, `[S]` each, by name."""
    return {"error": result.metrics.error, "loss": result.metrics.loss, **result.metrics.more}


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """The cell was left before its end; a checkpoint holds all of its steps."""


class Recorder:
    """What a cell has measured so far, and its checkpoints."""

    def __init__(self, cell: Cell, path: Path, on_file: Callable[[Path], None]) -> None:
        """Record `cell`; checkpoints go to `path`, of which `on_file` is told."""
        self._cell, self._path, self._on_file = cell, path, on_file
        self._curves: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._evaluations: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._evaluated: list[int] = []
        self._seconds: list[float] = []
        self._provenance = provenance_of(cell.backend).to_json()
        self._earlier: list[Mapping[str, Any]] = []
        self._spent, self._began, self._peak = 0.0, time.process_time(), 0.0
        self._due = time.monotonic() + CHECKPOINT_SECONDS

    def resume(self, training: Training) -> int:
        """Take `training` to the last checkpoint, if there is one; how many steps are done."""
        if not self._path.exists():
            return 0
        header, arrays = npz.read(self._path)
        if not self._cell.is_described_by(header.get("cell", {})) or "step" not in header:
            message = f"{str(self._path)!r} must be the checkpoint of the run that it is named by; got another file."
            raise OutputError(f"{message} Delete it to begin anew.")
        try:
            return self._take(header, arrays, training)
        except (InvalidArgumentError, LookupError, ValueError, TypeError) as error:
            message = f"{str(self._path)!r} must be a checkpoint of this run; got another version's."
            raise OutputError(f"{message} Delete it to begin anew.") from error

    def _take(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]], training: Training) -> int:
        """Go on from what a checkpoint holds; how many steps are done."""
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
        """One step more; a checkpoint if it is time for one."""
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
        """Whether all that the training's state has seen is recorded: between two blocks of steps, it is."""
        return len(self._seconds) == training.step

    def checkpoint(self, training: Training) -> None:
        """Write all there is."""
        started = time.monotonic()
        state = {f"{STATE}{path}": array for path, array in training.snapshot().items()}
        npz.write(self._path, self.header() | {"step": training.step}, self.arrays() | state)
        self._on_file(self._path)
        took = time.monotonic() - started
        self._due = time.monotonic() + max(CHECKPOINT_SECONDS - took, took / CHECKPOINT_SHARE)

    def means(self, step: int) -> dict[str, float]:
        """What step number `step` measured, and the evaluation after it if there was one, means over seeds."""
        means = {name: float(values[step].mean()) for name, values in self._curves.items()}
        if step + 1 in self._evaluated:
            number = self._evaluated.index(step + 1)
            means |= {name: float(values[number].mean()) for name, values in self._evaluations.items()}
        return means

    def header(self) -> dict[str, Any]:
        """The cell, what made it, what it cost, and the names of what was measured at each step and at some.

        The cost is that of all attempts, imports and compilation included, but for what was lost when one was killed.
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
        """Curves `[S, N]`, evaluations `[S, M]` and when they were made, and the seconds of each step."""
        measured = {**self._curves, **self._evaluations}
        arrays = {name: np.stack(values, axis=1) for name, values in measured.items()}
        if self._evaluated:
            arrays[EVALUATED] = np.asarray(self._evaluated)
        return arrays | {SECONDS: np.asarray(self._seconds)}


def run_cell(
    cell: Cell,
    result: Path,
    on_step: Callable[[int, Mapping[str, float]], None],
    *,
    stop: Callable[[], bool] = lambda: False,
    on_file: Callable[[Path], None] = ignore,
) -> None:
    """Train `cell` and write what it measured.

    Args:
        cell: What to run; valid.
        result: The file to write in the end.
        on_step: Called after each step with its number, from 0, and what it measured, means over seeds; first with the
            steps of earlier attempts, so that whoever listens misses none.
        stop: Asked after each step whether to leave it there.
        on_file: Called with each file, checkpoint or result, once it is written.

    Raises:
        Interrupted: `stop` said so.
        OutputError: A file cannot be written, or is damaged.
        PluginError: The task measures something by a name that stands for something else.
    """
    path = checkpoint_of(result)
    recorder, training = Recorder(cell, path, on_file), cell.training()
    resumed_at = recorder.resume(training)
    for number in range(resumed_at):
        on_step(number, recorder.means(number))
    for step in training.until(cell.steps):
        recorder.add(step, training)
        on_step(step.step, recorder.means(step.step))
        if training.step < cell.steps and recorder.complete(training) and stop():
            recorder.checkpoint(training)
            raise Interrupted
    npz.write(result, recorder.header() | {"resumed_at": resumed_at}, recorder.arrays())
    on_file(result)
    path.unlink(missing_ok=True)
