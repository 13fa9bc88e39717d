"""Running one cell from its checkpoint, if any, to its result, and reporting on it to a launcher."""

from __future__ import annotations

import os
from traceback import format_exc
from typing import TYPE_CHECKING

from tpo.errors import TPOError, calls_of, root_of
from tpo.experiments.execution.messages import News, ignore
from tpo.experiments.execution.recorder import Recorder
from tpo.experiments.execution.starts import KeptStarts
from tpo.experiments.spec.backends import create_backend
from tpo.experiments.storage import npz
from tpo.experiments.storage.layout import checkpoint_of
from tpo.plugins import registry
from tpo.training.trainer import Training

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell

LONGEST = 2000
"""Limit of the exception's own text, in characters."""


def training_of(cell: Cell, on_stage: Callable[[str], None] = ignore) -> Training:
    """The training of `cell` from its beginning, after its warm-up, if any. Imports the backend's library."""
    task = cell.validate()
    backend = create_backend(cell.backend, cell.device, task)
    start = KeptStarts(cell, task, backend, on_stage)
    return Training(task, cell.arm, backend, seeds=cell.seeds, dtype=cell.dtype, start=start)


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """Raised when a cell is stopped before its end; a checkpoint has all of its steps, unless there were none."""


def run_cell(
    cell: Cell,
    result: Path,
    on_step: Callable[[int, Mapping[str, float]], None],
    *,
    stop: Callable[[], bool] = lambda: False,
    on_file: Callable[[Path], None] = ignore,
    on_stage: Callable[[str], None] = ignore,
) -> None:
    """Train `cell` and write its result.

    Args:
        cell: A valid cell.
        result: The file for the result.
        on_step: Called after each step with its index, from 0, and its metrics, means over seeds. The steps of
            earlier attempts are reported first, so that none is missed.
        stop: Called after each step, also of a warm-up; training stops if it returns true.
        on_file: Called with each file, checkpoint or result, once it is written.
        on_stage: Called with what a warm-up does, in words.

    Raises:
        Interrupted: `stop` returned true.
        OutputError: A file cannot be written, or is damaged.
        PluginError: A metric of the task has a reserved name.
    """

    def before_steps(stage: str) -> None:
        on_stage(stage)
        if stop():
            raise Interrupted

    path = checkpoint_of(result)
    recorder, training = Recorder(cell, path, on_file), training_of(cell, before_steps)
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


def work(
    cell: Cell,
    result: Path,
    tell: Callable[[News], None],
    *,
    stop: Callable[[], bool],
    on_file: Callable[[Path], None] = ignore,
) -> None:
    """Run `cell` in this process on one thread, so that its result does not depend on how many cells run.

    Args:
        cell: The cell.
        result: The file for the result.
        tell: Called with every message, including a failure.
        stop: Called after each step; training stops if it returns true.
        on_file: Called with each file, checkpoint or result, once it is written.
    """
    try:
        os.environ.update(registry.host().backends()[cell.backend].alongside)
        run_cell(
            cell,
            result,
            lambda step, metrics: tell(News(cell.digest, step + 1, metrics)),
            stop=stop,
            on_file=on_file,
            on_stage=lambda stage: tell(News(cell.digest, stage=stage)),
        )
    except Interrupted:
        pass
    except TPOError as error:
        shown = format_exc() if error.__cause__ is not None else ""
        tell(News(cell.digest, failure=str(error), traceback=shown))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's code raises
        tell(News(cell.digest, failure=_describe(error, cell), traceback=format_exc()))


def _describe(error: BaseException, cell: Cell) -> str:
    """Describe an exception raised by a task, an algorithm or a library while `cell` ran.

    The same code would fail in the same way, so the cell is not run again.
    """
    cause = root_of(error)
    what = f"{cell.arm.algorithm} on {cell.task}, {cell.seeds_in_words}"
    text = f"{type(cause).__name__}: {str(cause)[:LONGEST]}".rstrip(": ")
    return f"{text}. It was raised in {calls_of(error)}, while running {what}. Mend that code and run it again."
