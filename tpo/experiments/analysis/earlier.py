"""Reading runs of a task that earlier versions of `tpo` stored in `result.json`, as records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import files
from tpo.errors import OutputError
from tpo.experiments.analysis.record import record_from
from tpo.experiments.analysis.record_fields import DECODERS
from tpo.experiments.spec.cell import Cell
from tpo.experiments.spec.exhibit import WHOLE, Trainer
from tpo.experiments.spec.planned import Plan
from tpo.experiments.spec.schema import arms_of
from tpo.experiments.spec.task_exhibit import task_exhibit
from tpo.experiments.storage.cells import CellResult
from tpo.experiments.storage.decoding import LARGEST_FILE, from_plain, plain
from tpo.experiments.storage.layout import EVALUATED

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.experiments.spec.schema import Record

RESULT = "result.json"
FIGURES = ("error.png", "error.svg", "error.pdf")
FORMAT = 1
AGAIN = "Delete it, or run the task again."
UNKNOWN: Mapping[str, None] = {"wall_seconds": None, "cpu_seconds": None, "peak_memory_mb": None}


def read(path: Path) -> Record:
    """Read the run in the file at `path` as a record.

    Raises:
        OutputError: The file is damaged or foreign.
    """
    try:
        found = _record(json.loads(files.read(path, LARGEST_FILE)))
        # Whatever was wrong in the file is wrong in the record, too.
        return plain(from_plain(found, DECODERS[found["format"]]))
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        message = f"{str(path)!r} must be a result of tpo; got a damaged or foreign file"
        raise OutputError(f"{message} ({type(error).__name__}: {error}). {AGAIN}") from error


def _record(values: Mapping[str, Any]) -> Record:
    if values["format"] != FORMAT:
        raise ValueError(f"its format is {values['format']!r}, not {FORMAT}")
    spec, curves = values["spec"], values["arms"]
    cells = {label: _cell(spec, arm) for label, arm in spec["arms"].items()}
    trainer = Trainer(steps=spec["steps"], seeds=len(spec["seeds"]), seeds_per_cell=len(spec["seeds"]))
    # An arm that was not evaluated yet is not compared with those that were.
    error = "test_error" if any("test_error" in one for one in curves.values()) else "error"
    arms, backend = {label: cell.arm for label, cell in cells.items()}, spec["backend"]
    exhibit = task_exhibit(spec["task"], spec["options"], arms, trainer, error=error, backend=backend)
    places = {(exhibit.name, label): (cell,) for label, cell in cells.items()}
    planned = Plan(exhibit=exhibit, scale=WHOLE, cells=places, deviations=())
    measured = {cells[label].digest: _measured(cells[label], one) for label, one in curves.items()}
    record = record_from(planned, measured)
    for _, _, arm in arms_of(record):
        arm["cost"] = None
    return record | {
        "numbers": values.get("numbers", 1),
        "provenance": [values["provenance"], *values.get("also", ())],
        **(values.get("cost") or UNKNOWN),
    }


def _cell(spec: Mapping[str, Any], arm: Mapping[str, Any]) -> Cell:
    if not isinstance(spec["task"], str) or not isinstance(spec["options"], Mapping):
        raise TypeError(f"a task {spec['task']!r} with options {spec['options']!r}")
    return Cell.from_json({name: value for name, value in spec.items() if name != "arms"} | {"arm": arm})


def _measured(cell: Cell, curves: Mapping[str, Any]) -> CellResult:
    """Convert the curves of an arm to arrays as in a cell, with NaN for `None`."""
    types = {EVALUATED: np.int64}
    arrays = {name: np.array(numbers, dtype=types.get(name, np.float64)) for name, numbers in curves.items()}
    shape, steps = arrays["error"].shape, arrays["seconds"].shape
    if shape != (len(cell.seeds), *steps):
        raise ValueError(f"errors of shape {shape} of {len(cell.seeds)} seeds and seconds of shape {steps}")
    return CellResult({"evaluations": ["test_error"], "cpu_seconds": 0.0}, arrays)
