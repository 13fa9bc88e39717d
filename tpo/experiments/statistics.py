"""What the tables of the paper show of a learning curve, by name."""

from __future__ import annotations

import statistics as standard
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.summary import or_infinity, standard_error, steps_to_solved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Errors = np.ndarray[Any, Any]
"""`[S, N]` from 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number of some seeds' curves.

    Attributes:
        of_mean: As the paper has it: of the mean over seeds. Infinite for what never happened.
        spread: The standard error of that mean; `None` where there is none.
        median: Over the seeds' own numbers.
    """

    of_mean: float
    spread: float | None
    median: float


def steps_to_one_percent(errors: Errors) -> Statistic:
    """Steps until the error was at or below 1 %."""
    own = [or_infinity(steps_to_solved(curve)) for curve in errors]
    return Statistic(
        of_mean=or_infinity(steps_to_solved(errors.mean(axis=0))), spread=None, median=standard.median(own)
    )


def final_error(errors: Errors) -> Statistic:
    """The error of the last step, in percent."""
    final = 100 * errors[:, -1]
    spread = float(standard_error(final)) if len(final) > 1 else None
    return Statistic(of_mean=float(final.mean()), spread=spread, median=float(np.median(final)))


STATISTICS: Mapping[str, Callable[[Errors], Statistic]] = {
    "steps to 1 %": steps_to_one_percent,
    "final error, %": final_error,
}
