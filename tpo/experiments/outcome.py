"""What an exhibit came to: the stored cells of a plan, beside the published numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import unknown_name
from tpo.experiments.published import published
from tpo.experiments.statistics import STATISTICS, Statistic, steps_to_one_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.experiments.exhibit import Plan
    from tpo.experiments.library import Measured


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What one arm of one panel measured.

    Attributes:
        panel: Its label.
        arm: Its label.
        error: `[S, N]` from 0 to 1, of the seeds there are.
        curves: What the exhibit draws, `[S, N]` each, of the seeds there are.
        seconds: Wall seconds per step of a cell, all its seeds together; a median over steps and cells.
        seeds: How many were planned.
        published: What the paper has here, in the unit of the statistic; `None` if nothing.
        statistic: The same of ours.
        steps: Steps to 1 %.
    """

    panel: str
    arm: str
    error: np.ndarray[Any, Any]
    curves: Mapping[str, np.ndarray[Any, Any]]
    seconds: float
    seeds: int
    published: float | str | None
    statistic: Statistic
    steps: Statistic

    @property
    def difference(self) -> float | None:
        """Ours minus the published number; `None` where one of them is none."""
        if self.published is None or isinstance(self.published, str) or math.isinf(self.statistic.of_mean):
            return None
        return self.statistic.of_mean - self.published


def outcomes(plan: Plan, measured: Mapping[str, Measured]) -> list[Outcome]:
    """What the plan's cells that are done came to, in the plan's order, from what they measured, by digest."""
    found = []
    for (panel, arm), cells in plan.cells.items():
        done = [measured[cell.digest] for cell in cells if cell.digest in measured]
        if done:
            found.append(_outcome(plan, panel, arm, done, sum(len(cell.seeds) for cell in cells)))
    return found


def _outcome(plan: Plan, panel: str, arm: str, measured: Sequence[Measured], seeds: int) -> Outcome:
    curves = {name: _over_seeds(name, measured) for name in plan.exhibit.curves}
    error = _over_seeds("error", measured)
    seconds = np.concatenate([_after_compiling(one.arrays["seconds"]) for one in measured])
    return Outcome(
        panel=panel,
        arm=arm,
        error=error,
        curves=curves,
        seconds=float(np.median(seconds)),
        seeds=seeds,
        published=published(plan.exhibit.name, panel, arm),
        statistic=STATISTICS[plan.exhibit.statistic](error),
        steps=steps_to_one_percent(error),
    )


def _over_seeds(name: str, measured: Sequence[Measured]) -> np.ndarray[Any, Any]:
    """One curve of all seeds, `[S, N]`.

    Raises:
        UnknownNameError: The task does not measure it.
    """
    known = [curve for curve, values in measured[0].arrays.items() if values.ndim > 1]
    if name not in known:
        raise unknown_name("curve", name, known)
    return np.concatenate([one.arrays[name] for one in measured])


def _after_compiling(seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Those of the steps after the first, if there are any."""
    return seconds[1:] if len(seconds) > 1 else seconds
