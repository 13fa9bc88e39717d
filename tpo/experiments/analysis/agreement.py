"""Agreement of a record with the paper, as far as its seeds tell: the order of its methods, and its numbers."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.experiments.analysis.intervals import Interval, student_quantile
from tpo.experiments.analysis.seed_bounds import UNKNOWN, error_curve, last_step
from tpo.experiments.analysis.statistics import steps_to
from tpo.experiments.spec.exhibit import PAPER
from tpo.experiments.spec.quantities import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tpo.experiments.spec.schema import Record

BOUND = re.compile(r"never|[<>]?\d+(\.\d+)?")
"""Pattern of a published number or bound."""


class Agreement(NamedTuple):
    """Counts of agreements with the paper.

    Attributes:
        pairs: Pairs of arms of one panel that the paper puts in an order.
        same: Of these, the pairs in the same order in the record, with intervals that do not overlap.
        reversed: The pairs in the other order, with intervals that do not overlap.
        numbers: Arms that have a number in the paper and an interval in the record that can be compared.
        near: Of these, the arms whose interval has the paper's number in it.
    """

    pairs: int
    same: int
    reversed: int
    numbers: int
    near: int

    @property
    def undecided(self) -> int:
        """The pairs of arms that more seeds, or more steps, would put in an order."""
        return self.pairs - self.same - self.reversed


class Compared(NamedTuple):
    """An arm of a record beside the paper.

    Attributes:
        paper: The paper's number.
        ours: The interval of our number, which may be unbounded.
        is_decided: Whether `ours` tells if the paper's number is right.
    """

    paper: Interval
    ours: Interval
    is_decided: bool


def agreement(record: Record) -> Agreement:
    """Count the agreements of `record` with the paper, over the finished arms of all of its panels."""
    panels = [
        [_compared(arm, record) for arm in arms.values() if _is_comparable(arm)] for arms in record["panels"].values()
    ]
    pairs = [pair for arms in panels for pair in _ordered_pairs(arms)]
    decided = [one for arms in panels for one in arms if one.is_decided]
    return Agreement(
        pairs=len(pairs),
        same=sum(first.ours.high < second.ours.low for first, second in pairs),
        reversed=sum(second.ours.high < first.ours.low for first, second in pairs),
        numbers=len(decided),
        near=sum(one.paper.overlaps(one.ours) for one in decided),
    )


def published_interval(published: float | str) -> Interval:
    """Parse a published number to an interval: `never` is infinite, `>95` above a bound, `<2.3` below one."""
    if not isinstance(published, str):
        return Interval(published, published)
    bound = math.inf if published == "never" else float(published.lstrip("<>"))
    return Interval(0.0 if published.startswith("<") else bound, bound if published.startswith("<") else math.inf)


def _is_comparable(arm: Mapping[str, Any]) -> bool:
    published = arm["published"]
    known = BOUND.fullmatch(published) if isinstance(published, str) else published is not None
    finished = arm["seeds"] == arm["seeds_planned"]
    return bool(known) and finished and not isinstance(arm["ours"]["of_mean"], str)


def _ordered_pairs(arms: list[Compared]) -> Iterator[tuple[Compared, Compared]]:
    """The pairs of arms that the paper's numbers order, the lower one first."""
    for one, other in itertools.permutations(arms, 2):
        if one.paper.high < other.paper.low:
            yield one, other


def _compared(arm: Mapping[str, Any], record: Record) -> Compared:
    """Compare the number of an arm with the paper's."""
    paper, level = published_interval(arm["published"]), LEVELS.get(record["statistic"])
    ours = _of_value(arm) if level is None else _of_steps(arm, level)
    if ours == UNKNOWN or arm["ours"]["of_mean"] is not None:
        return Compared(paper, ours, is_decided=ours != UNKNOWN)
    # An error that is not reached contradicts what the paper reaches earlier. It only agrees with an error that the
    # paper never reaches if as many steps were run.
    agrees = paper.low == math.inf and record["scale"] == PAPER
    return Compared(paper, ours, is_decided=agrees or paper.high <= last_step(arm))


def _of_value(arm: Mapping[str, Any]) -> Interval:
    """The interval of a final value, from its standard error over seeds; unbounded without one."""
    number, spread = arm["ours"]["of_mean"], arm["ours"]["spread"]
    if number is None or spread is None or arm["seeds"] == 1:
        return UNKNOWN
    margin = spread * student_quantile(arm["seeds"] - 1)
    return Interval(number - margin, number + margin)


def _of_steps(arm: Mapping[str, Any], level: float) -> Interval:
    """The interval of the steps to an error, which have no standard error themselves.

    It is between the steps at which the lower and the upper end of the curve's interval reach the error.
    """
    curve = error_curve(arm)
    if curve is None or curve["se"] is None:
        return UNKNOWN
    quantile = student_quantile(arm["seeds"] - 1)
    first, last = (_steps_to(level, curve, sign * quantile) for sign in (-1, 1))
    number = math.inf if arm["ours"]["of_mean"] is None else float(arm["ours"]["of_mean"])
    # The curve is thinned, so that the number itself may be a little outside.
    return Interval(min(first, number, last_step(arm) + 1.0), max(last, number))


def _steps_to(level: float, curve: Mapping[str, Any], errors: float) -> float:
    """The first step at which the mean plus a number of standard `errors` is at or below `level`; infinite for none."""
    # A number that is missing becomes NaN, which is at no level.
    mean, se = (np.array(curve[name], np.float64) for name in ("mean", "se"))
    found = steps_to(level, np.asarray(curve["steps"]), mean + errors * se)
    return math.inf if found is None else float(found)
