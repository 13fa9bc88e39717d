"""The outcomes of a plan: numbers of its stored cells, and the published numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.analysis.paper import published
from tpo.experiments.analysis.statistics import (
    STATISTICS,
    Statistic,
    mean_of_second_half,
    steps_to_level,
)
from tpo.experiments.spec.quantities import SOLVED
from tpo.experiments.storage.finite import first_not_finite
from tpo.experiments.storage.layout import SECONDS
from tpo.experiments.storage.series import Series
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.storage.cells import CellResult


LEVELS_OF_SEEDS = (0.5, 0.1, SOLVED)
"""Errors to which each seed's steps are counted: learning has begun, has got far, has ended."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """The outcome of one arm of one panel.

    Attributes:
        panel: Its label.
        arm: Its label.
        error: From 0 to 1, of the seeds there are.
        curves: What the exhibit draws against steps, of the seeds there are.
        profile: `[S, positions]` what the exhibit draws against something else, at the end; `None` if nothing.
        seconds: Wall seconds per step of a cell, all its seeds together; a median over steps and cells. `None` where
            no cell has done more than the first, in which compilation falls.
        seeds: How many were planned.
        finished: How many are finished; where none is, the numbers are those of a cell that was left before its end.
        published: What the paper has here, in the unit of the statistic; `None` if nothing.
        statistic: Our value of the statistic.
        steps_to: Steps until the error is at or below each of `LEVELS_OF_SEEDS`.
        second_half: `[S]`, the mean error of each seed over the second half of its steps.
        not_finite_from: The first step, from 1, at which error, loss or gradient is not finite; `None` if all are.
        cost: From `cost`, over the cells that the numbers are from.
    """

    panel: str
    arm: str
    error: Series
    curves: Mapping[str, Series]
    profile: np.ndarray[Any, Any] | None
    seconds: float | None
    seeds: int
    finished: int
    published: float | str | None
    statistic: Statistic
    steps_to: Mapping[float, Statistic]
    second_half: np.ndarray[Any, Any]
    not_finite_from: int | None
    cost: Mapping[str, float]

    @property
    def difference(self) -> float | None:
        """Our number minus the published one; `None` if either is missing, or if training is unfinished."""
        ours = self.statistic.of_mean_curve
        if self.published is None or isinstance(self.published, str) or math.isinf(ours) or not self.finished:
            return None
        return ours - self.published


def outcomes(plan: Plan, measured: Mapping[str, CellResult]) -> list[Outcome]:
    """Compute the outcome of each arm, in the plan's order, from the results of its cells, by digest.

    An arm without a finished cell uses an interrupted one, if that has all metrics that are shown.
    """
    found = []
    for (panel, arm), cells in plan.cells.items():
        begun = [(cell, measured[cell.digest]) for cell in cells if cell.digest in measured]
        done = [one for cell, one in begun if is_finished(cell, one)]
        left = [one for _, one in begun if set(plan.exhibit.measures) <= set(one.arrays)]
        if shown := done or left[:1]:
            seeds, finished = sum(len(cell.seeds) for cell in cells), sum(len(one.arrays["error"]) for one in done)
            found.append(_outcome(plan, (panel, arm), shown, seeds=seeds, finished=finished))
    return found


def is_finished(cell: Cell, measured: CellResult) -> bool:
    """Whether a cell has all its steps."""
    return len(measured.arrays[SECONDS]) == cell.steps


def _outcome(
    plan: Plan, place: tuple[str, str], measured: Sequence[CellResult], *, seeds: int, finished: int
) -> Outcome:
    def series(name: str) -> Series:
        return Series.joined([one.series(name) for one in measured])

    exhibit = plan.exhibit
    error, profile = series(exhibit.error), exhibit.profile
    panel, arm = place
    task = registry.task(exhibit.task)
    begun = [found[1] if (found := first_not_finite(one.arrays, task)) else None for one in measured]
    return Outcome(
        panel=panel,
        arm=arm,
        error=error,
        curves={name: series(name) for name in exhibit.curves if all(name in one.arrays for one in measured)},
        profile=None if profile is None else np.stack([series(name).values[:, -1] for name in profile.names], axis=1),
        seconds=seconds_per_step([one.arrays[SECONDS] for one in measured]),
        seeds=seeds,
        finished=finished,
        published=published(exhibit.name, panel, arm),
        statistic=STATISTICS[exhibit.statistic](series(exhibit.measure or exhibit.error)),
        steps_to={level: steps_to_level(level, error) for level in LEVELS_OF_SEEDS},
        second_half=mean_of_second_half(error),
        not_finite_from=min(filter(None, begun), default=None),
        cost=cost(measured),
    )


def seconds_per_step(runs: Sequence[np.ndarray[Any, Any]]) -> float | None:
    """The median seconds per step of `runs`, `[N]` each, without first steps, which include compilation.

    `None` if there are no other steps.
    """
    later = np.concatenate([seconds[1:] for seconds in runs])
    return float(np.median(later)) if later.size else None


def cost(measured: Sequence[CellResult]) -> dict[str, float]:
    """Sum the cost of cells: `wall_seconds` of steps, `cpu_seconds` of all attempts; the maximum of `peak_memory_mb`.

    The seconds of cells that ran in parallel are added.
    """
    return total_cost(
        {
            "wall_seconds": float(one.arrays[SECONDS].sum()),
            "cpu_seconds": one.header["cpu_seconds"],
            "peak_memory_mb": one.header.get("peak_memory_mb", 0.0),
        }
        for one in measured
    )


def total_cost(costs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Combine costs: the sums of seconds, and the maximum of memory."""
    several = list(costs)
    sums = {name: sum((one[name] for one in several), start=0.0) for name in ("wall_seconds", "cpu_seconds")}
    return sums | {"peak_memory_mb": max((one["peak_memory_mb"] for one in several), default=0.0)}
