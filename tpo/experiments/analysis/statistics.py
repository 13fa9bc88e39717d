"""What the tables of the paper show of a learning curve, by name."""

from __future__ import annotations

import math
import statistics as standard
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.spec.exhibit import FINAL_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.experiments.storage.series import Series

SOLVED = 0.01
"""The error from which on a task counts as solved."""

ROUND_OFF = 1e-6
"""Above a level, and still at it: in float32 an error of exactly 1 %, as one minus a mean, may be 0.01000005."""

LEARNED = 0.05
"""The error of which the paper counts the steps on MNIST."""


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number of some seeds' curves.

    Attributes:
        of_mean: As the paper has it: of the mean over seeds. Infinite for what never happened.
        spread: The standard error of that mean; `None` where there is none.
        median: Over the seeds' own numbers.
    """

    of_mean_curve: float
    standard_error: float | None
    median: float


def steps_to(level: float, steps: np.ndarray[Any, Any], errors: np.ndarray[Any, Any]) -> int | None:
    """The first of `steps`, `[M]`, with one of `errors`, `[M]`, at or below `level`; `None` if there is none."""
    places = np.flatnonzero(errors <= level + ROUND_OFF)
    return int(steps[places[0]]) if places.size else None


def standard_error(errors: np.ndarray[Any, Any]) -> Any:
    """The standard error of the mean over axis 0, the seeds; there are at least 2."""
    return errors.std(axis=0, ddof=1) / math.sqrt(len(errors))


def steps_to_level(level: float, errors: Series) -> Statistic:
    """Steps until the error was at or below `level`, as far as it was measured."""

    def until(curve: np.ndarray[Any, Any]) -> float:
        steps = steps_to(level, errors.steps, curve)
        return math.inf if steps is None else steps

    own = [until(curve) for curve in errors.values]
    return Statistic(of_mean_curve=until(errors.values.mean(axis=0)), standard_error=None, median=standard.median(own))


def last(factor: float, series: Series) -> Statistic:
    """The last number times `factor`."""
    final = factor * series.values[:, -1]
    error = float(standard_error(final)) if len(final) > 1 else None
    return Statistic(of_mean_curve=float(final.mean()), standard_error=error, median=float(np.median(final)))


steps_to_one_percent = partial(steps_to_level, SOLVED)
final_error = partial(last, 100.0)

STEPS_TO_ONE_PERCENT = "steps to 1 %"

LEVELS: Mapping[str, float] = {STEPS_TO_ONE_PERCENT: SOLVED, "steps to 5 %": LEARNED}
"""The error that a statistic counts the steps to, by its name."""

STATISTICS: Mapping[str, Callable[[Series], Statistic]] = {
    **{name: partial(steps_to_level, level) for name, level in LEVELS.items()},
    FINAL_ERROR: final_error,
    "final surplus": partial(last, 1.0),
}
