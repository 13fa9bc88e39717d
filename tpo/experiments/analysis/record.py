"""The record of an exhibit: all data of its table, figure and page, as JSON small enough to be committed."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import files
from tpo.errors import OutputError
from tpo.experiments.analysis import record_fields
from tpo.experiments.analysis.kept import NOTHING, Kept
from tpo.experiments.analysis.outcome import cost, is_finished, outcomes, total_cost
from tpo.experiments.analysis.statistics import final_error, standard_error
from tpo.experiments.spec.quantities import SOLVED
from tpo.experiments.spec.schema import RESULTS_VERSION, arms_of, names_panels, run_label
from tpo.experiments.storage import output
from tpo.experiments.storage.decoding import LARGEST, LARGEST_FILE, LONGEST_LABEL
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
"""Text for a number of steps that was not reached."""

NO_DATA = "no data"
"""Text for the mean of nothing, such as an empty bin of images."""

CUT = "..."
"""The end of a text that was too long."""

UNFINISHED = "Not finished."

FOUR_DIGITS, LARGEST_WHOLE = 1e4, 1e15
"""Whole numbers from the one on and below the other are written out."""

MOST_NAMED = 8
"""Records below a folder that an error names."""

POINTS = 200
"""The largest number of points of a stored curve."""


def record_of(plan: Plan, library: CellStore, kept: Kept = NOTHING) -> Record:
    """Build the record of a plan from its stored cells, including interrupted ones, and from arms that are `kept`."""
    cells = plan.without(kept.arms).all_cells()
    return record_from(plan, {cell.digest: found for cell in cells if (found := library.load_unfinished(cell))}, kept)


def record_from(plan: Plan, measured: Mapping[str, CellResult], kept: Kept = NOTHING) -> Record:
    """Build the record of a plan from the results of its cells, by digest, and from arms that are `kept`."""
    exhibit, cells = plan.exhibit, plan.without(kept.arms).all_cells()
    ran = {(one.panel, one.arm): arm_record(one) for one in outcomes(plan, measured)}
    arms = {place: arm for place in plan.cells if (arm := kept.arms.get(place, ran.get(place))) is not None}
    panels: dict[str, dict[str, Any]] = {panel: {} for panel, _ in plan.cells}
    for (panel, label), arm in arms.items():
        panels[panel][label] = arm
    return {
        "format": FORMAT,
        "exhibit": exhibit.name,
        **{name: _shortened(getattr(exhibit, name)) for name in ("title", "source", "note", "statistic", "task")},
        "profile": None if exhibit.profile is None else asdict(exhibit.profile),
        "scale": plan.scale,
        "backend": plan.all_cells()[0].backend,
        "deviations": [_shortened(deviation) for deviation in plan.deviations],
        "completed": all(cell.digest in measured and is_finished(cell, measured[cell.digest]) for cell in cells),
        "panels": panels,
        "panels_in_exhibit": len(exhibit.panels),
        "settings": plan.settings(),
        "numbers": RESULTS_VERSION,
        "provenance": distinct(
            [*kept.provenance, *(made for one in measured.values() for made in made_by(one.header))]
        ),
        **total_cost([cost(list(measured.values())), *kept.costs(plan)]),
    }


def _shortened(text: str) -> str:
    """Cut a generated text, such as a list of many settings, to the length that records can have."""
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - len(CUT)]}{CUT}"


def remarks(record: Record) -> list[str]:
    """List the remarks that are shown with the numbers of `record`."""
    return [*filter(None, (None if record["completed"] else UNFINISHED, outdated(record.get("numbers", 1))))]


def outdated(numbers: int) -> str | None:
    """A remark on results of another `RESULTS_VERSION`; `None` for the current one."""
    if numbers == RESULTS_VERSION:
        return None
    return "Computed by another version of tpo, with other rounding: a new run gives other numbers."


def write(record: Record, folder: Path) -> Path:
    """Write `record` to `folder`; return the file."""
    path = folder / FILE
    output.write(path, (json.dumps(record, allow_nan=False, ensure_ascii=False) + "\n").encode(errors="replace"))
    return path


def read(path: Path) -> Record:
    """Read the record in a file, or in a folder.

    Raises:
        OutputError: There is none, or it is damaged or foreign.
    """
    file = path
    try:
        file = path / FILE if path.is_dir() else path
        record: Record = record_fields.decode(files.read(file, LARGEST_FILE))
    except FileNotFoundError as error:
        found = sorted(str(file.parent) for file in path.glob(f"*/{FILE}"))[:MOST_NAMED] if path.is_dir() else []
        below = f" Below it are {', '.join(found)}." if found else ""
        message = f"there must be a record at {str(path)!r}; got none.{below}"
        raise OutputError(f"{message} Check the path, or make one: tpo run NAME.") from error
    except (OSError, ValueError) as error:
        message = f"{str(path)!r} must hold the record of an exhibit, {FILE}; got {type(error).__name__}: {error}."
        raise OutputError(f"{message} Make it: tpo run EXHIBIT.") from error
    if set(record) == {"format"}:
        message = f"{str(file)!r} must have format {FORMAT}; got {record['format']!r}, of another version of tpo."
        raise OutputError(f"{message} Run the exhibit again: finished cells are not repeated.")
    return record


def summary(record: Record) -> Mapping[str, Any]:
    """Summarize a record for scripts: the numbers of each arm, with its panel in its name if the exhibit has several.

    `ours` and `published` are values of the `statistic` in the table.
    """
    named = names_panels(record)
    names = ("final_error", "steps_to_1pct", "seconds_per_step", "seeds", "ours", "published")
    return {
        "completed": record["completed"],
        "statistic": record["statistic"],
        "arms": {
            run_label(panel, label) if named else label: {name: arm[name] for name in names}
            for panel, label, arm in arms_of(record)
        },
    }


def arm_record(one: Outcome) -> dict[str, Any]:
    """Build the part of a record for an arm."""
    final, solved = final_error(one.error), one.steps_to[SOLVED]
    return {
        "final_error": {
            "mean": finite(final.of_mean_curve / 100),
            "se": None if final.standard_error is None else finite(final.standard_error / 100),
            "median": finite(final.median / 100),
        },
        "steps_to_1pct": {"of_mean": finite(solved.of_mean_curve), "median": finite(solved.median)},
        "seconds_per_step": one.seconds,
        "seeds": one.finished,
        "seeds_planned": one.seeds,
        "ours": _ours(one.statistic),
        "published": one.published,
        "difference": finite(one.difference),
        "curves": {name: _curve(series) for name, series in one.curves.items()},
        "profile": None if one.profile is None else _mean_and_band(one.profile),
        "by_seed": {
            "statistic": _finite_all(one.statistic.of_seeds),
            "second_half": _finite_all(one.second_half),
            "steps_to": {f"{level:g}": _finite_all(steps.of_seeds) for level, steps in one.steps_to.items()},
        },
        "cost": dict(one.cost),
        "not_finite_from": one.not_finite_from,
    }


def _finite_all(numbers: np.ndarray[Any, Any]) -> list[float | None]:
    return [finite(number) for number in numbers.tolist()]


def _ours(statistic: Statistic) -> dict[str, float | str | None]:
    shown = {"of_mean": _or_no_data(statistic.of_mean_curve), "median": _or_no_data(statistic.median)}
    return shown | {"spread": finite(statistic.standard_error)}


def _or_no_data(number: float) -> float | str | None:
    return NO_DATA if math.isnan(number) else finite(number)


def in_digits(number: float) -> str:
    """Format a number with four digits, but with all digits before the point."""
    written_out = FOUR_DIGITS <= round(abs(number), 0) < LARGEST_WHOLE
    return f"{number:.0f}" if written_out else f"{number:.4g}"


def _curve(series: Series) -> dict[str, Any]:
    """Thin a series to at most `POINTS` steps: mean and standard error over seeds."""
    kept = np.unique(np.linspace(0, len(series.steps) - 1, POINTS).round().astype(int))
    return {"steps": series.steps[kept].tolist(), **_mean_and_band(series.values[:, kept])}


def _mean_and_band(values: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Mean and standard error over the seeds of `[S, M]`."""
    band = _rounded(standard_error(values)) if len(values) > 1 else None
    return {"mean": _rounded(values.mean(axis=0)), "se": band}


def _rounded(values: np.ndarray[Any, Any]) -> list[float | None]:
    """Round to five digits, with `None` for NaN and infinities, which JSON lacks."""
    return [float(f"{value:.5g}") if abs(value) <= LARGEST else None for value in values]


def finite(number: float | None) -> float | None:
    """Replace NaN and infinities, which JSON lacks, by `None`."""
    return number if number is not None and abs(number) <= LARGEST else None
