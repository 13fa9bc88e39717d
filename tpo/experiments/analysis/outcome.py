"""What an exhibit came to: the stored cells of a plan, beside the published numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.analysis.published import published
from tpo.experiments.analysis.statistics import STATISTICS, Statistic, steps_to_one_percent
from tpo.experiments.storage.series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.spec.plan import Plan
    from tpo.experiments.storage.cells import CellResult


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What one arm of one panel measured.

    Attributes:
        panel: Its label.
        arm: Its label.
        error: From 0 to 1, of the seeds there are.
        curves: What the exhibit draws against steps, of the seeds there are.
        profile: `[S, positions]` what the exhibit draws against something else, at the end; `None` if nothing.
        seconds: Wall seconds per step of a cell, all its seeds together; a median over steps and cells.
        seeds: How many were planned.
        published: What the paper has here, in the unit of the statistic; `None` if nothing.
        statistic: The same of ours.
        steps: Steps to 1 %.
    """

    panel: str
    arm: str
    error: Series
    curves: Mapping[str, Series]
    profile: np.ndarray[Any, Any] | None
    seconds: float
    seeds: int
    published: float | str | None
    statistic: Statistic
    steps: Statistic

    @property
    def difference(self) -> float | None:
        """Ours minus the published number; `None` where one of them is none."""
        if self.published is None or isinstance(self.published, str) or math.isinf(self.statistic.of_mean_curve):
            return None
        return self.statistic.of_mean_curve - self.published


def outcomes(plan: Plan, measured: Mapping[str, CellResult]) -> list[Outcome]:
    """What the plan's cells that are done came to, in the plan's order, from what they measured, by digest."""
    found = []
    for (panel, arm), cells in plan.cells.items():
        done = [measured[cell.digest] for cell in cells if cell.digest in measured]
        if done:
            found.append(_outcome(plan, panel, arm, done, sum(len(cell.seeds) for cell in cells)))
    return found


def _outcome(plan: Plan, panel: str, arm: str, measured: Sequence[CellResult], seeds: int) -> Outcome:
    def series(name: str) -> Series:
        return Series.joined([one.series(name) for one in measured])

    exhibit = plan.exhibit
    error, profile = series(exhibit.error), exhibit.profile
    return Outcome(
        panel=panel,
        arm=arm,
        error=error,
        curves={name: series(name) for name in exhibit.curves},
        profile=None if profile is None else np.stack([series(name).values[:, -1] for name in profile.names], axis=1),
        seconds=seconds_per_step([one.arrays["seconds"] for one in measured]),
        seeds=seeds,
        published=published(exhibit.name, panel, arm),
        statistic=STATISTICS[exhibit.statistic](series(exhibit.measure or exhibit.error)),
        steps=steps_to_one_percent(error),
    )


def seconds_per_step(runs: Sequence[np.ndarray[Any, Any]]) -> float:
    """The median over the steps of `runs`, `[N]` seconds each, without the first, in which compilation falls.

    A run of one step has no other.
    """
    return float(np.median(np.concatenate([seconds[1:] if len(seconds) > 1 else seconds for seconds in runs])))
