"""Confidence intervals of 95 %: for a median, a mean, and a difference of means."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.experiments.analysis.statistics import standard_error

if TYPE_CHECKING:
    from collections.abc import Sequence

TAIL = 0.025
"""Probability that an interval may miss on either side."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
"""Positions and weights of Gauss's quadrature on [-1, 1]."""

MOST_FREEDOM = 1e5
"""Degrees of freedom from which on the quantile no longer changes in five digits."""


class Interval(NamedTuple):
    """A closed interval for a number, from `low` to `high`."""

    low: float
    high: float

    @property
    def is_number(self) -> bool:
        """Whether it is a single finite number."""
        return self.low == self.high and math.isfinite(self.low)

    def minus(self, other: Interval) -> Interval:
        """The interval of the differences between a number in this one and a number in `other`."""
        return Interval(self.low - other.high, self.high - other.low)

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals intersect."""
        return self.low <= other.high and other.low <= self.high


class Mean(NamedTuple):
    """The mean over `seeds` seeds and its standard error, in one unit; `None` if it is not known."""

    value: float
    standard_error: float | None
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


def of_bounded_median(numbers: Sequence[Interval]) -> Interval | None:
    """Interval for a median, as `of_median`, of which each number is known to be in an interval only.

    It holds the interval of the sign test wherever the numbers are. Below six numbers there is none: `None`.

    Example:
        >>> from tpo.experiments.analysis.intervals import Interval, of_bounded_median
        >>> of_bounded_median([Interval(n, n) for n in range(5)] + [Interval(99, float("inf"))])
        Interval(low=0, high=inf)
    """
    lowest, highest = (of_median(ends) for ends in zip(*numbers, strict=True)) if numbers else (None, None)
    return None if lowest is None or highest is None else Interval(lowest.low, highest.high)


def of_mean(numbers: Sequence[float]) -> Interval | None:
    """Interval for the mean of what `numbers` are drawn from: that of Student's t test, which assumes a normal one.

    Below two numbers, and if one is infinite, there is none: `None`.

    Example:
        >>> from tpo.experiments.analysis.intervals import of_mean
        >>> [round(end, 3) for end in of_mean([1.0, 3.0])]
        [-10.706, 14.706]
    """
    if len(numbers) < 2 or not np.isfinite(numbers).all():  # noqa: PLR2004 - no spread of one number
        return None
    return _around(float(np.mean(numbers)), float(standard_error(np.asarray(numbers))), len(numbers) - 1)


def of_difference(one: Mean, other: Mean) -> Interval | None:
    """Interval for the mean of `one` minus that of `other`: that of Welch's t test.

    It assumes normal distributions, which may spread differently. Where a mean is of a single seed or its spread is not
    known, and where neither spreads, there is none: `None`.

    Source:
        Welch 1947, The generalization of "Student's" problem when several different population variances are involved.
    """
    errors = [mean.standard_error for mean in (one, other) if mean.standard_error is not None and mean.seeds > 1]
    largest = max(errors, default=0.0)
    if len(errors) == 1 or largest == 0:
        return None
    # Their ratios, since squares of large or small errors are not finite, or 0.
    squares = [(error / largest) ** 2 for error in errors]
    share = sum(square**2 / (mean.seeds - 1) for square, mean in zip(squares, (one, other), strict=True))
    freedom = sum(squares) ** 2 / share
    return _around(one.value - other.value, largest * math.sqrt(sum(squares)), freedom)


def _share(count: int, rank: int) -> float:
    """The probability of `rank` heads in `count` throws of a coin."""
    choices = math.lgamma(count + 1) - math.lgamma(rank + 1) - math.lgamma(count - rank + 1)
    return math.exp(choices - count * math.log(2))


def _around(number: float, standard_error: float, freedom: float) -> Interval:
    margin = student_quantile(freedom) * standard_error
    return Interval(number - margin, number + margin)


@functools.cache
def student_quantile(freedom: float) -> float:
    """The quantile at 1 - `TAIL` of Student's t distribution with `freedom` degrees of freedom, at least 1.

    With t = sqrt(freedom) tan(angle), its density is cos(angle)^(freedom - 1), up to a factor. So the angle is found
    below which, from 0, lies the share 1/2 - `TAIL`.

    Example:
        >>> from tpo.experiments.analysis.intervals import student_quantile
        >>> round(student_quantile(1.5), 3)
        6.017
    """
    freedom = min(freedom, MOST_FREEDOM)
    whole = math.sqrt(math.pi) * math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom + 1) / 2))
    low, high = 0.0, math.pi / 2
    while (angle := (low + high) / 2) not in {low, high}:
        share = angle / 2 * float(WEIGHTS @ np.cos(angle / 2 * (NODES + 1)) ** (freedom - 1)) / whole
        low, high = (angle, high) if share < 0.5 - TAIL else (low, angle)
    return math.sqrt(freedom) * math.tan(angle)
