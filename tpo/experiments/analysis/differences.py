"""Differences between the arms of a record, with intervals that fit what the record knows of its seeds."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError, UnknownNameError, suggestion
from tpo.experiments.analysis import intervals
from tpo.experiments.spec.quantities import LEVELS
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.analysis.intervals import Interval
    from tpo.experiments.spec.schema import Record

BY_MEDIAN = "median over seeds of the difference; interval of the sign test"
BY_MEAN = "mean over seeds of the difference; Student's t interval"
OF_MEANS = "difference of the means, seeds not paired; Welch's t interval"


class Difference(NamedTuple):
    """The statistic of one arm minus that of another.

    Attributes:
        panel: The label of the panel.
        arm: The label of the arm.
        method: What the number and its interval are: `BY_MEDIAN`, `BY_MEAN` or `OF_MEANS`.
        number: The difference, in the unit of the statistic; not a number if the arms have none.
        interval: Its confidence interval of 95 %; `None` for too few seeds.
        by_seed: The differences of the seeds; empty if the record does not have them. Infinite if only the arm never
            reaches an error, negatively if only the other arm never does, and 0 if neither does.
    """

    panel: str
    arm: str
    method: str
    number: float
    interval: Interval | None
    by_seed: Sequence[float] = ()

    @property
    def higher(self) -> int:
        """The number of seeds in which the arm has the higher, that is, the worse number."""
        return sum(difference > 0 for difference in self.by_seed)


def differences(record: Record, reference: str) -> list[Difference]:
    """Compare all arms of each panel with the arm called `reference`, if all of their seeds are finished.

    The seeds of all arms begin with the same parameters and prompts, so that their differences spread less than the
    arms. Six seeds have an interval for the median, fewer only one for the mean. Records of earlier versions have no
    numbers by seed, but means with standard errors.

    Raises:
        UnknownNameError: No panel has such an arm.
        InvalidArgumentError: The record counts steps and has no numbers by seed, so that nothing says how they spread.
    """
    _check_known(reference, list(dict.fromkeys(label for _, label, _ in arms_of(record))))
    by_seed = all(arm.get("by_seed") for _, _, arm in arms_of(record))
    if not by_seed and record["statistic"] in LEVELS:
        name = record["exhibit"]
        message = (
            f"`--against` must have numbers by seed where steps are counted; got the record of {name}, written by an "
            f"earlier version, which lacks them."
        )
        command = f"tpo run {name} --scale {record['scale']} --backend {record['backend']}"
        raise InvalidArgumentError(f"{message} Make it anew: {command}, with the --set of the first time, if any.")
    missing = math.inf if record["statistic"] in LEVELS else math.nan
    compare = partial(_paired, missing) if by_seed else _unpaired
    return [
        Difference(panel, label, *compare(arm, record["panels"][panel][reference]))
        for panel, label, arm in arms_of(record)
        if label != reference and _is_finished(arm) and _is_finished(record["panels"][panel].get(reference))
    ]


def differences_as_json(record: Record, reference: str) -> list[dict[str, Any]]:
    """The differences of `differences` as plain data; infinities are the texts `inf` and `-inf`, NaN is `None`.

    Raises:
        UnknownNameError: As for `differences`.
        InvalidArgumentError: As for `differences`.
    """

    def plain(number: float) -> float | str | None:
        return None if math.isnan(number) else str(number) if math.isinf(number) else number

    return [
        {
            **{name: getattr(one, name) for name in ("panel", "arm", "method", "higher")},
            "number": plain(one.number),
            "interval": None if one.interval is None else [plain(end) for end in one.interval],
            "by_seed": [plain(number) for number in one.by_seed],
        }
        for one in differences(record, reference)
    ]


def _check_known(reference: str, labels: Sequence[str]) -> None:
    """Raise an error if no arm is called `reference`; the nearest label is suggested."""
    if reference in labels:
        return
    message = f"`--against` must name an arm of this record; got {reference!r}.{suggestion(reference, labels)}"
    raise UnknownNameError(f"{message} Its arms: {', '.join(labels) or 'none'}.")


def _is_finished(arm: dict[str, Any] | None) -> bool:
    """Whether all seeds are; the numbers of an arm that is not do not say of which seeds they are."""
    return arm is not None and bool(arm["seeds"] == arm["seeds_planned"])


def _paired(
    missing: float, arm: dict[str, Any], other: dict[str, Any]
) -> tuple[str, float, Interval | None, list[float]]:
    """Method, number, interval and differences by seed; a number that a seed lacks is `missing`."""
    numbers = (
        [missing if number is None else float(number) for number in one["by_seed"]["statistic"]] for one in (arm, other)
    )
    # The seeds count from 0, so the first ones of two arms are the same.
    pairs = list(zip(*numbers, strict=False))
    if all(math.isinf(ours) and math.isinf(theirs) for ours, theirs in pairs):
        return BY_MEDIAN, math.nan, None, [0.0] * len(pairs)
    every = [0.0 if ours == theirs else ours - theirs for ours, theirs in pairs]
    found = [difference for difference in every if not math.isnan(difference)]
    if not found:
        return BY_MEDIAN, math.nan, None, found
    interval = intervals.of_median(found)
    if interval is None and np.isfinite(found).all():
        # Equal differences of so few seeds do not say how far those of others would spread.
        spread = intervals.of_mean(found) if np.ptp(found) > 0 else None
        return BY_MEAN, float(np.mean(found)), spread, found
    with np.errstate(invalid="ignore"):
        # Between a seed that only the one arm lacks and a seed that only the other lacks, there is no middle.
        return BY_MEDIAN, float(np.median(found)), interval, found


def _unpaired(arm: dict[str, Any], other: dict[str, Any]) -> tuple[str, float, Interval | None]:
    """Method, number and interval, from the means and standard errors of both arms."""
    if not all(isinstance(one["ours"]["of_mean"], (int, float)) for one in (arm, other)):
        return OF_MEANS, math.nan, None
    number = float(arm["ours"]["of_mean"] - other["ours"]["of_mean"])
    if any(one["ours"]["spread"] is None or one["seeds"] == 1 for one in (arm, other)):
        return OF_MEANS, number, None
    ours, theirs = (intervals.Mean(one["ours"]["of_mean"], one["ours"]["spread"], one["seeds"]) for one in (arm, other))
    return OF_MEANS, number, intervals.of_difference(ours, theirs)
