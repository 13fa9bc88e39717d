"""A run in a few numbers per arm.

A step's error is measured under the policy that sampled it, before the step's updates. "Steps to 1 %" is therefore
the number of steps done when the error was first measured at 1 % or less: the index, from 0, of that step. Where a task
is evaluated on a test set, the error is the one measured there, and the steps are those done by then.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.result import Curves, Result

SOLVED = 0.01
"""The error from which on a task counts as solved."""

ROUND_OFF = 1e-6
"""Above a level, and still at it: in float32 an error of exactly 1 %, as one minus a mean, may be 0.01000005."""


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
    steps_of_mean: int | None
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
    steps, errors = curves.reported
    final = errors[:, -1]
    reached = [steps_to(SOLVED, steps, own) for own in errors]
    median = statistics.median(map(or_infinity, reached))
    return Summary(
        error_mean=float(final.mean()),
        error_standard_error=float(standard_error(final)) if len(final) > 1 else None,
        error_median=float(np.median(final)),
        steps_of_mean=steps_to(SOLVED, steps, errors.mean(axis=0)),
        steps_median=median if math.isfinite(median) else None,
        seeds_reached=sum(own is not None for own in reached),
        seeds=len(final),
        seconds_per_step=float(np.median(curves.seconds[1:])) if curves.steps > 1 else None,
        seconds_to_first_step=float(curves.seconds[0]),
    )


def steps_to(level: float, steps: np.ndarray[Any, Any], errors: np.ndarray[Any, Any]) -> int | None:
    """The first of `steps`, `[M]`, with one of `errors`, `[M]`, at or below `level`; `None` if there is none."""
    reached = np.flatnonzero(errors <= level + ROUND_OFF)
    return int(steps[reached[0]]) if reached.size else None


def standard_error(errors: np.ndarray[Any, Any]) -> Any:
    """The standard error of the mean over axis 0, the seeds; there are at least 2."""
    return errors.std(axis=0, ddof=1) / math.sqrt(len(errors))


def or_infinity(steps: float | None) -> float:
    """`steps`, infinite for what never happened."""
    return math.inf if steps is None else steps
