"""Differences between the arms of a record, with intervals that fit what the record knows of its seeds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError, UnknownNameError, suggestion
from tpo.experiments.analysis import intervals
from tpo.experiments.analysis.intervals import Interval, Mean
from tpo.experiments.analysis.seed_bounds import UNKNOWN, seed_bounds
from tpo.experiments.spec.quantities import LEVELS
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.spec.schema import Record

BY_MEDIAN = "median over seeds of the difference; interval of the sign test"
BY_MEAN = "mean over seeds of the difference; Student's t interval"
OF_MEANS = "difference of the means, seeds not paired; Welch's t interval"

ROUND_OFF = 1e-9
"""Relative to the numbers: differences of seeds that spread by less are equal."""


class Estimate(NamedTuple):
    """A difference, as far as it is known.

    Attributes:
        method: What the number and its interval are: `BY_MEDIAN`, `BY_MEAN` or `OF_MEANS`.
        middle: The difference, in the unit of the statistic. Bounds that differ say how far it is known: a median of
            seeds of which some do not get to an error may be at least 950 steps: `Interval(950.0, inf)`.
        interval: Its confidence interval of 95 %, which may be unbounded; `None` for too few seeds.
        by_seed: The bounds of the differences of the seeds; empty if the record does not have them.
    """

    method: str
    middle: Interval
    interval: Interval | None
    by_seed: Sequence[Interval] = ()


class Difference(NamedTuple):
    """The statistic of one arm minus that of another.

    Attributes:
        panel: The label of the panel.
        arm: The label of the arm.
        estimate: The difference.
    """

    panel: str
    arm: str
    estimate: Estimate

    @property
    def higher(self) -> int:
        """The number of seeds in which the arm has the higher, that is, the worse number for certain."""
        return sum(difference.low > 0 for difference in self.estimate.by_seed)

    @property
    def equal(self) -> int:
        """The number of seeds in which both have the same number."""
        return sum(difference == (0, 0) for difference in self.estimate.by_seed)

    @property
    def lower(self) -> int:
        """The number of seeds in which the arm has the lower number for certain."""
        return sum(difference.high < 0 for difference in self.estimate.by_seed)

    @property
    def undecided(self) -> int:
        """The number of other seeds: neither arm gets to the error, or one has no number."""
        return len(self.estimate.by_seed) - self.higher - self.equal - self.lower


def differences(record: Record, reference: str) -> list[Difference]:
    """Compare all arms of each panel with the arm called `reference`, if all of their seeds are finished.

    The seeds of all arms begin with the same parameters and prompts, so that their differences spread less than the
    arms. Six seeds have an interval for the median, fewer only one for the mean. A seed that does not get to an error
    in the steps that were run would need more, so its difference has a bound instead of a number. Records of earlier
    versions have no numbers by seed, but means with standard errors.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record counts steps and has no numbers by seed, so that nothing says how they spread.
    """
    _check_known(reference, list(dict.fromkeys(label for _, label, _ in arms_of(record))))
    statistic = record["statistic"]
    if statistic in LEVELS and not all(arm.get("by_seed") for _, _, arm in arms_of(record)):
        name = record["exhibit"]
        message = (
            f"`--against` must have a record with numbers by seed to compare steps; got that of {name}, written by an "
            f"earlier version, which lacks them."
        )
        command = f"tpo run {name} --scale {record['scale']} --backend {record['backend']}"
        raise InvalidArgumentError(f"{message} Run it again: {command}, with the same --set as before, if any.")
    return [
        Difference(panel, label, estimate(arm, record["panels"][panel][reference], statistic))
        for panel, label, arm in arms_of(record)
        if label != reference and is_finished(arm) and is_finished(record["panels"][panel].get(reference))
    ]


def differences_as_json(record: Record, reference: str) -> list[dict[str, Any]]:
    """The differences of `differences` as plain data: intervals are lists of two, in which `None` is no bound.

    Raises:
        UnknownNameError: As for `differences`.
        InvalidArgumentError: As for `differences`.
    """

    def plain(interval: Interval | None) -> list[float | None] | None:
        return None if interval is None else [end if math.isfinite(end) else None for end in interval]

    return [
        {
            **{name: getattr(one, name) for name in ("panel", "arm", "higher", "equal", "lower", "undecided")},
            "method": one.estimate.method,
            "number": one.estimate.middle.low if one.estimate.middle.is_number else None,
            "bounds": plain(one.estimate.middle),
            "interval": plain(one.estimate.interval),
            "by_seed": [plain(difference) for difference in one.estimate.by_seed],
        }
        for one in differences(record, reference)
    ]


def estimate(arm: dict[str, Any], other: dict[str, Any], statistic: str) -> Estimate:
    """Estimate the `statistic` of an arm minus that of another, seed by seed if both have numbers by seed."""
    if not (arm.get("by_seed") and other.get("by_seed")):
        return of_means(_mean(arm), _mean(other))
    # The seeds count from 0, so the first ones of two arms are the same.
    return _paired(list(zip(*(seed_bounds(one, statistic) for one in (arm, other)), strict=False)))


def of_means(one: Mean | None, other: Mean | None) -> Estimate:
    """Estimate the mean of `one` minus that of `other`, of any seeds; nothing is known if one is `None`."""
    if one is None or other is None:
        return Estimate(OF_MEANS, UNKNOWN, None)
    number = one.value - other.value
    return Estimate(OF_MEANS, Interval(number, number), intervals.of_difference(one, other))


def _mean(arm: dict[str, Any]) -> Mean | None:
    """The mean of an arm's statistic, if it is a number."""
    ours = arm["ours"]
    is_number = isinstance(ours["of_mean"], (int, float))
    return Mean(float(ours["of_mean"]), ours["spread"], arm["seeds"]) if is_number else None


def _check_known(reference: str, labels: Sequence[str]) -> None:
    """Raise an error if no arm is called `reference`; the nearest label is suggested."""
    if reference in labels:
        return
    message = f"`--against` must name an arm of this record; got {reference!r}.{suggestion(reference, labels)}"
    raise UnknownNameError(f"{message} Its arms: {', '.join(labels) or 'none'}.")


def is_finished(arm: dict[str, Any] | None) -> bool:
    """Whether all seeds are; the numbers of an arm that is not do not say of which seeds they are."""
    return arm is not None and bool(arm["seeds"] == arm["seeds_planned"])


def _paired(pairs: Sequence[tuple[Interval, Interval]]) -> Estimate:
    """Estimate from the bounds of the two numbers of each seed."""
    found = [ours.minus(theirs) for ours, theirs in pairs]
    interval = intervals.of_bounded_median(found)
    if interval is None and found and all(difference.is_number for difference in found):
        numbers = [difference.low for difference in found]
        # Equal differences of so few seeds do not say how far those of others would spread.
        spreads = np.ptp(numbers) > ROUND_OFF * np.abs(pairs).max()
        mean = float(np.mean(numbers))
        return Estimate(BY_MEAN, Interval(mean, mean), intervals.of_mean(numbers) if spreads else None, found)
    middle = Interval(*(float(np.median(ends)) for ends in zip(*found, strict=True))) if found else UNKNOWN
    return Estimate(BY_MEDIAN, middle, interval, found)
