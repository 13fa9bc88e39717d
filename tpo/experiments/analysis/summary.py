"""A run in a few numbers per arm.

A step's error is measured under the policy that sampled it, before the step's updates. "Steps to 1 %" is therefore
the number of steps done when the error was first measured at 1 % or less: the index, from 0, of that step. Where a task
is evaluated on a test set, the error is the one measured there, and the steps are those done by then. A task in closed
form that measures after the update, as the multi-context bandit does, counts one step fewer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tpo.experiments.analysis.statistics import SOLVED, last, or_infinity, reached, steps_to_one_percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.analysis.result import Curves, Result


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One arm in numbers. Errors are from 0 to 1.

    Attributes:
        error_mean: Of the last step's error, over seeds.
        error_standard_error: Its standard error; `None` with a single seed.
        error_median: Of the last step's error, over seeds.
        steps_of_mean: Steps until the mean of the seeds' errors was at most 1 %; `None` if it never was.
        steps_median: The median over seeds of each seed's own steps, infinite for a seed that never got there;
            `None` if that median is infinite.
        seeds_reached: How many seeds got there.
        seeds: How many there are.
        seconds_per_step: The median over the steps after the first; `None` with a single step.
        seconds_to_first_step: Of the first step, compilation included; its share of a block of steps.
    """

    error_mean: float
    error_standard_error: float | None
    error_median: float
    steps_of_mean: float | None
    steps_median: float | None
    seeds_reached: int
    seeds: int
    seconds_per_step: float | None
    seconds_to_first_step: float

    @property
    def rank(self) -> tuple[float, float, float]:
        """Smaller for the arm that got to 1 % in fewer steps; the smaller error decides between equals."""
        return or_infinity(self.steps_median), or_infinity(self.steps_of_mean), self.error_mean


def summarize(result: Result) -> Mapping[str, Summary]:
    """The numbers of each arm that has the error that is reported, by label, who got to 1 % first on top."""
    summaries = {label: summarize_arm(curves) for label, curves in result.shown.items()}
    return dict(sorted(summaries.items(), key=lambda item: item[1].rank))


def summarize_arm(curves: Curves) -> Summary:
    """The numbers of one arm."""
    final, steps = last(1.0, curves.reported), steps_to_one_percent(curves.reported)
    return Summary(
        error_mean=final.of_mean_curve,
        error_standard_error=final.standard_error,
        error_median=final.median,
        steps_of_mean=_or_none(steps.of_mean_curve),
        steps_median=_or_none(steps.median),
        seeds_reached=int(np.sum(reached(SOLVED, curves.reported.values).any(axis=-1))),
        seeds=len(curves.error),
        seconds_per_step=float(np.median(curves.seconds[1:])) if curves.steps > 1 else None,
        seconds_to_first_step=float(curves.seconds[0]),
    )


def _or_none(steps: float) -> float | None:
    return steps if math.isfinite(steps) else None
