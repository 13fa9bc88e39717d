"""Agreement of a record with the paper: the order of its methods, and its numbers, within the spread of the seeds."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.experiments.analysis.intervals import Interval
from tpo.experiments.analysis.statistics import steps_to
from tpo.experiments.spec.quantities import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tpo.experiments.spec.schema import Record

BOUND = re.compile(r"never|[<>]?\d+(\.\d+)?")
"""Pattern of a published number or bound."""

STANDARD_ERRORS = 2.0
"""Half-width of the interval of our numbers, in standard errors."""


class Agreement(NamedTuple):
    """Counts of agreements with the paper.

    Attributes:
        pairs: Pairs of arms of one panel that the paper puts in an order.
        same: Of these, the pairs in the same order in the record.
        undecided: Of those that are not, the pairs whose intervals overlap: more seeds would tell.
        numbers: Arms for which the paper has a number.
        near: Of these, the arms whose interval has the paper's number in it.
    """

    pairs: int
    same: int
    undecided: int
    numbers: int
    near: int


def agreement(record: Record) -> Agreement:
    """Count the agreements of `record` with the paper, over all of its panels."""
    level = LEVELS.get(record["statistic"])
    panels = [
        [(published_interval(arm["published"]), *_ours(arm, level)) for arm in arms.values() if _is_comparable(arm)]
        for arms in record["panels"].values()
    ]
    pairs = [pair for arms in panels for pair in _ordered_pairs(arms)]
    same = [first[1] < second[1] for first, second in pairs]
    undecided = [first[2].overlaps(second[2]) for first, second in pairs]
    near = [paper.overlaps(interval) for arms in panels for paper, _, interval in arms]
    return Agreement(
        pairs=len(pairs),
        same=sum(same),
        undecided=sum(overlap and not one for one, overlap in zip(same, undecided, strict=True)),
        numbers=len(near),
        near=sum(near),
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
    return bool(known) and not isinstance(arm["ours"]["of_mean"], str)


def _ordered_pairs(arms: list[tuple[Interval, float, Interval]]) -> Iterator[tuple[Any, Any]]:
    """The pairs of arms that the paper's numbers order, the lower one first."""
    for one, other in itertools.permutations(arms, 2):
        if one[0].high < other[0].low:
            yield one, other


def _ours(arm: Mapping[str, Any], level: float | None) -> tuple[float, Interval]:
    """Our number with its interval, from the standard errors over seeds.

    Steps to an error have no standard error. Their interval is between the steps at which the curve minus, and plus,
    its standard errors reaches it.
    """
    number = math.inf if arm["ours"]["of_mean"] is None else float(arm["ours"]["of_mean"])
    if level is None:
        margin = STANDARD_ERRORS * (arm["ours"]["spread"] or 0.0)
        return number, Interval(number - margin, number + margin)
    curves = arm["curves"]
    curve = curves.get("test_error", curves.get("error"))
    if curve is None or curve["se"] is None:
        return number, Interval(number, number)
    first, last = (_steps_to(level, curve, sign * STANDARD_ERRORS) for sign in (-1, 1))
    return number, Interval(min(first, number), max(last, number))


def _steps_to(level: float, curve: Mapping[str, Any], errors: float) -> float:
    """The first step at which the mean plus a number of standard `errors` is at or below `level`."""
    # A number that is missing becomes NaN, which is at no level.
    mean, se = (np.array(curve[name], np.float64) for name in ("mean", "se"))
    found = steps_to(level, np.asarray(curve["steps"]), mean + errors * se)
    return math.inf if found is None else float(found)
