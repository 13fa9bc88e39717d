"""The record of an exhibit: all that its table, figure and page show, as JSON that is small enough to be kept."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import files
from tpo.errors import OutputError
from tpo.experiments.analysis import record_fields
from tpo.experiments.analysis.outcome import cost, is_finished, outcomes
from tpo.experiments.analysis.statistics import final_error, standard_error
from tpo.experiments.spec.schema import RESULTS_VERSION, arms_of, run_label
from tpo.experiments.storage import output
from tpo.experiments.storage.decoding import LARGEST, LARGEST_FILE
from tpo.experiments.storage.provenance import distinct, made_by

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tpo.experiments.analysis.outcome import Outcome
    from tpo.experiments.analysis.statistics import Statistic
    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.spec.schema import Record
    from tpo.experiments.storage.cells import CellResult, CellStore
    from tpo.experiments.storage.series import Series

FILE = "exhibit.json"
FORMAT = 1
NEVER = "never"
"""What stands for a number of steps that was not reached."""

NO_DATA = "no data"
"""What stands for a mean of nothing, say of a bin that no image fell into."""

UNFINISHED = "Not finished."

FOUR_DIGITS, LARGEST_WHOLE = 1e4, 1e15
"""Whole numbers from the one on and below the other are written out."""

POINTS = 200
"""At most so many steps of a curve are kept."""


def record_of(plan: Plan, library: CellStore) -> Record:
    """The results of the plan's cells, those that are left before their end included."""
    cells = plan.all_cells()
    return record_from(plan, {cell.digest: found for cell in cells if (found := library.load_unfinished(cell))})


def record_from(plan: Plan, measured: Mapping[str, CellResult]) -> Record:
    """The results of the plan's cells, from what they measured so far, by digest."""
    exhibit, panels = plan.exhibit, {panel: {} for panel, _ in plan.cells}  # type: Any, dict[str, dict[str, Any]]
    cells = plan.all_cells()
    for one in outcomes(plan, measured):
        panels[one.panel][one.arm] = arm_record(one)
    return {
        "format": FORMAT,
        "exhibit": exhibit.name,
        **{name: getattr(exhibit, name) for name in ("title", "source", "note", "statistic", "task")},
        "profile": None if exhibit.profile is None else asdict(exhibit.profile),
        "scale": plan.scale,
        "backend": cells[0].backend,
        "deviations": list(plan.deviations),
        "completed": all(cell.digest in measured and is_finished(cell, measured[cell.digest]) for cell in cells),
        "panels": panels,
        "settings": plan.settings(),
        "numbers": RESULTS_VERSION,
        "provenance": distinct(made for one in measured.values() for made in made_by(one.header)),
        **cost(list(measured.values())),
    }


def remarks(record: Record) -> list[str]:
    """Remarks on `record` that stand beside its numbers."""
    return [*filter(None, (None if record["completed"] else UNFINISHED, outdated(record.get("numbers", 1))))]


def outdated(numbers: int) -> str | None:
    """A remark on results of another `RESULTS_VERSION` than this one's; `None` for this one's."""
    if numbers == RESULTS_VERSION:
        return None
    return "Computed by another version of tpo, which rounds elsewhere: run again, it gives other numbers."


def write(record: Record, folder: Path) -> Path:
    """Write `record` to `folder`; the file."""
    path = folder / FILE
    output.write(path, (json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n").encode(errors="replace"))
    return path


def read(path: Path) -> Record:
    """The record in a file, or in the folder that holds it.

    Raises:
        OutputError: There is none, or it cannot be understood.
    """
    file = path
    try:
        file = path / FILE if path.is_dir() else path
        record: Record = record_fields.decode(files.read(file, LARGEST_FILE))
    except (OSError, ValueError) as error:
        message = f"{str(path)!r} must hold the record of an exhibit, {FILE}; got {type(error).__name__}: {error}."
        raise OutputError(f"{message} Make it: tpo run EXHIBIT.") from error
    if set(record) == {"format"}:
        message = f"{str(file)!r} must have format {FORMAT}; got {record['format']!r}, of another version of tpo."
        raise OutputError(f"{message} Run the exhibit again: finished cells are not repeated.")
    return record


def summary(record: Record) -> Mapping[str, Any]:
    """For scripts: the numbers of each arm; panel and arm in its name where there are several panels.

    `ours` and `published` are of the `statistic`, which is what the table shows.
    """
    several = len(record["panels"]) > 1
    names = ("final_error", "steps_to_1pct", "seconds_per_step", "seeds", "ours", "published")
    return {
        "completed": record["completed"],
        "statistic": record["statistic"],
        "arms": {
            run_label(panel, label) if several else label: {name: arm[name] for name in names}
            for panel, label, arm in arms_of(record)
        },
    }


def arm_record(one: Outcome) -> dict[str, Any]:
    """What a record has of an arm."""
    final = final_error(one.error)
    return {
        "final_error": {
            "mean": finite(final.of_mean_curve / 100),
            "se": None if final.standard_error is None else finite(final.standard_error / 100),
            "median": finite(final.median / 100),
        },
        "steps_to_1pct": {"of_mean": finite(one.steps.of_mean_curve), "median": finite(one.steps.median)},
        "seconds_per_step": one.seconds,
        "seeds": one.finished,
        "seeds_planned": one.seeds,
        "ours": _ours(one.statistic),
        "published": one.published,
        "difference": finite(one.difference),
        "curves": {name: _curve(series) for name, series in one.curves.items()},
        "profile": None if one.profile is None else _mean_and_band(one.profile),
    }


def _ours(statistic: Statistic) -> dict[str, float | str | None]:
    shown = {"of_mean": _or_no_data(statistic.of_mean_curve), "median": _or_no_data(statistic.median)}
    return shown | {"spread": finite(statistic.standard_error)}


def _or_no_data(number: float) -> float | str | None:
    return NO_DATA if math.isnan(number) else finite(number)


def in_digits(number: float) -> str:
    """Four of them, and all of those before the point."""
    written_out = FOUR_DIGITS <= round(abs(number), 0) < LARGEST_WHOLE
    return f"{number:.0f}" if written_out else f"{number:.4g}"


def _curve(series: Series) -> dict[str, Any]:
    """Mean and standard error at some of the steps."""
    kept = np.unique(np.linspace(0, len(series.steps) - 1, POINTS).round().astype(int))
    return {"steps": series.steps[kept].tolist(), **_mean_and_band(series.values[:, kept])}


def _mean_and_band(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Over the seeds of `[S, M]`."""
    band = _rounded(standard_error(values)) if len(values) > 1 else None
    return {"mean": _rounded(values.mean(axis=0)), "se": band}


def _rounded(values: np.ndarray[Any, Any]) -> list[float | None]:
    """Five digits of each, and `None` for what is no number: JSON has none of those."""
    return [float(f"{value:.5g}") if abs(value) <= LARGEST else None for value in values]


def finite(number: float | None) -> float | None:
    """`number`, or `None` where it is one that JSON does not have."""
    return number if number is not None and abs(number) <= LARGEST else None
