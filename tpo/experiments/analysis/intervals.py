"""Confidence intervals of 95 %: for a median, a mean, and a difference of means."""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.experiments.analysis.statistics import standard_error

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 0.025
"""Probability that an interval may miss on either side."""

# fmt: off
QUANTILES = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228,
    12: 2.179, 14: 2.145, 16: 2.12, 18: 2.101, 20: 2.086, 25: 2.06, 30: 2.042, 40: 2.021, 60: 2.0, 120: 1.98,
}
# fmt: on
"""Quantiles at 1 - `TAIL` of Student's t, by degrees of freedom. Between two of them the one for fewer is used."""


class Interval(NamedTuple):
    """A closed interval for a number, from `low` to `high`."""

    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals intersect."""
        return self.low <= other.high and other.low <= self.high


class Mean(NamedTuple):
    """The mean over `seeds` seeds and its standard error, in one unit."""

    value: float
    standard_error: float
    seeds: int


def of_median(numbers: Sequence[float]) -> Interval | None:
    """Interval for the median of what `numbers` are drawn from: that of the sign test.

    It is from the k-th smallest number to the k-th largest, for the largest k that is enough. It assumes nothing about
    the distribution, and numbers may be infinite. Below six numbers there is none: `None`.

    Source:
        Conover 1999, Practical Nonparametric Statistics, section 3.2.

    Example:
        >>> from tpo.experiments.analysis.intervals import of_median
        >>> of_median([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
        Interval(low=1.0, high=6.0)
    """
    count, beyond, rank = len(numbers), 0.0, 0
    while (beyond := beyond + _share(count, rank)) <= TAIL:
        rank += 1
    in_order = sorted(numbers)
    return Interval(in_order[rank - 1], in_order[count - rank]) if rank else None


def of_mean(numbers: Sequence[float]) -> Interval | None:
    """Interval for the mean of what `numbers` are drawn from: that of Student's t test, which assumes a normal one.

    Below two numbers, and if one is infinite, there is none: `None`.

    Example:
        >>> from tpo.experiments.analysis.intervals import of_mean
        >>> of_mean([1.0, 3.0])
        Interval(low=-10.706, high=14.706)
    """
    if len(numbers) < 2 or not np.isfinite(numbers).all():  # noqa: PLR2004 - no spread of one number
        return None
    return _around(float(np.mean(numbers)), float(standard_error(np.asarray(numbers))), len(numbers) - 1)


def of_difference(one: Mean, other: Mean) -> Interval:
    """Interval for the mean of `one` minus that of `other`, each of two or more: that of Welch's t test.

    It assumes normal distributions, which may spread differently.

    Source:
        Welch 1947, The generalization of "Student's" problem when several different population variances are involved.
    """
    # Their ratios, since squares of large or small errors are not finite, or 0.
    largest = max(one.standard_error, other.standard_error) or 1.0
    squares = [(mean.standard_error / largest) ** 2 for mean in (one, other)]
    share = sum(square**2 / (mean.seeds - 1) for square, mean in zip(squares, (one, other), strict=True))
    freedom = sum(squares) ** 2 / share if share else math.inf
    return _around(one.value - other.value, largest * math.sqrt(sum(squares)), freedom)


def _share(count: int, rank: int) -> float:
    """The probability of `rank` heads in `count` throws of a coin."""
    choices = math.lgamma(count + 1) - math.lgamma(rank + 1) - math.lgamma(count - rank + 1)
    return math.exp(choices - count * math.log(2))


def _around(number: float, standard_error: float, freedom: float) -> Interval:
    known = list(QUANTILES)
    margin = QUANTILES[known[bisect.bisect_right(known, freedom) - 1]] * standard_error
    return Interval(number - margin, number + margin)
