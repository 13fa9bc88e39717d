"""Statistics of learning curves in the paper's tables, by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.spec.exhibit import FINAL_ERROR
from tpo.experiments.spec.quantities import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.experiments.storage.series import Series

ROUND_OFF = 1e-6
"""Tolerance for reaching a level: in float32 an error of exactly 1 %, as one minus a mean, may be 0.01000005."""


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A statistic of the curves of several seeds.

    Attributes:
        of_mean_curve: The statistic of the mean over seeds, as in the paper. Infinite for steps that were not reached.
        standard_error: The standard error of that mean; `None` if there is none.
        of_seeds: `[S]`, the seeds' own statistics.
    """

    of_mean_curve: float
    standard_error: float | None
    of_seeds: np.ndarray[Any, Any]

    @property
    def median(self) -> float:
        """The median of the seeds' own statistics."""
        return float(np.median(self.of_seeds))


def steps_to(level: float, steps: np.ndarray[Any, Any], errors: np.ndarray[Any, Any]) -> int | None:
    """The first of `steps`, `[M]`, whose error in `errors`, `[M]`, is at or below `level`; `None` if there is none."""
    places = np.flatnonzero(errors <= level + ROUND_OFF)
    return int(steps[places[0]]) if places.size else None


def standard_error(errors: np.ndarray[Any, Any]) -> Any:
    """The standard error of the mean over axis 0, the seeds; there are at least 2."""
    return errors.std(axis=0, ddof=1) / math.sqrt(len(errors))


def steps_to_level(level: float, errors: Series) -> Statistic:
    """Statistic: steps until the error is at or below `level`."""

    def until(curve: np.ndarray[Any, Any]) -> float:
        steps = steps_to(level, errors.steps, curve)
        return math.inf if steps is None else steps

    own = np.array([until(curve) for curve in errors.values])
    return Statistic(of_mean_curve=until(errors.values.mean(axis=0)), standard_error=None, of_seeds=own)


def last(factor: float, series: Series) -> Statistic:
    """Statistic: the last value times `factor`."""
    final = factor * series.values[:, -1]
    error = float(standard_error(final)) if len(final) > 1 else None
    return Statistic(of_mean_curve=float(final.mean()), standard_error=error, of_seeds=final)


def mean_of_second_half(series: Series) -> np.ndarray[Any, Any]:
    """The mean of each seed over the second half of its steps, `[S]`, which a single bad last step does not decide."""
    half: np.ndarray[Any, Any] = series.values[:, series.values.shape[1] // 2 :].mean(axis=1)
    return half


final_error = partial(last, 100.0)

STATISTICS: Mapping[str, Callable[[Series], Statistic]] = {
    **{name: partial(steps_to_level, level) for name, level in LEVELS.items()},
    FINAL_ERROR: final_error,
    "final surplus": partial(last, 1.0),
}
