"""Differences between the arms of a record, seed by seed, with an interval for their median."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError, look_up
from tpo.experiments.analysis.agreement import Interval
from tpo.experiments.analysis.statistics import LEVELS
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.spec.schema import Record

CONFIDENCE = 0.95
"""Least probability with which an interval has the median in it."""


class Pair(NamedTuple):
    """The statistic of one arm minus that of another, seed by seed.

    The seeds of all arms begin with the same parameters and prompts, so that differences spread less than the arms.

    Attributes:
        panel: The label of the panel.
        arm: The label of the arm.
        differences: By seed, in the unit of the statistic: infinite if only the arm never reaches an error, negatively
            if only the other arm never does, and 0 if neither does.
    """

    panel: str
    arm: str
    differences: Sequence[float]

    @property
    def median(self) -> float:
        """The median difference."""
        return float(np.median(self.differences))

    @property
    def higher(self) -> int:
        """The number of seeds in which the arm has the higher, that is, the worse number."""
        return sum(difference > 0 for difference in self.differences)


def pairs(record: Record, reference: str) -> list[Pair]:
    """Compare all arms of each panel with the arm called `reference`, if all of their seeds are finished.

    The numbers of an unfinished arm do not say of which seeds they are.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record has no numbers by seed.
    """
    labels = dict.fromkeys(label for _, label, _ in arms_of(record))
    look_up("arm", reference, labels)
    if not all(arm.get("by_seed") for _, _, arm in arms_of(record)):
        message = f"a record must have numbers by seed; got one of an earlier version, {record['exhibit']}."
        raise InvalidArgumentError(f"{message} Run it again.")
    return [
        Pair(panel, label, _differences(record["statistic"], arm, record["panels"][panel][reference]))
        for panel, label, arm in arms_of(record)
        if label != reference and _is_finished(arm) and _is_finished(record["panels"][panel].get(reference))
    ]


def median_interval(numbers: Sequence[float]) -> Interval | None:
    """Confidence interval for the median of what `numbers` are drawn from, of at least `CONFIDENCE`.

    It is that of the sign test: from the k-th smallest number to the k-th largest, for the largest k that is enough. It
    assumes nothing on the distribution, and numbers may be infinite. Below six numbers there is none: `None`.

    Source:
        Conover 1999, Practical Nonparametric Statistics, section 3.2.

    Example:
        >>> from tpo.experiments.analysis.pairs import median_interval
        >>> median_interval([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
        Interval(low=1.0, high=6.0)
    """
    count, beyond, rank = len(numbers), 0.0, 0
    while (beyond := beyond + math.comb(count, rank) / 2**count) <= (1 - CONFIDENCE) / 2:
        rank += 1
    in_order = sorted(numbers)
    return Interval(in_order[rank - 1], in_order[count - rank]) if rank else None


def _is_finished(arm: dict[str, Any] | None) -> bool:
    return arm is not None and bool(arm["seeds"] == arm["seeds_planned"])


def _differences(statistic: str, arm: dict[str, Any], other: dict[str, Any]) -> list[float]:
    """Differences of the seeds that have a number in both arms."""
    missing = math.inf if statistic in LEVELS else math.nan
    numbers = (
        [missing if number is None else float(number) for number in one["by_seed"]["statistic"]] for one in (arm, other)
    )
    found = [0.0 if ours == theirs else ours - theirs for ours, theirs in zip(*numbers, strict=True)]
    return [difference for difference in found if not math.isnan(difference)]
