"""What is known of the statistic of each seed: a number, that it is more than the steps that were run, or nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo.experiments.analysis.intervals import Interval
from tpo.experiments.spec.quantities import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = Interval(-math.inf, math.inf)


def seed_bounds(arm: Mapping[str, Any], statistic: str) -> list[Interval]:
    """The bounds between which the statistic of each seed of an arm lies.

    A seed that did not get to an error would need more steps than were run. A number that is not finite, and so is not
    in the record, may be any.
    """
    missing = Interval(last_step(arm) + 1.0, math.inf) if statistic in LEVELS else UNKNOWN
    numbers = arm["by_seed"]["statistic"]
    return [missing if number is None else Interval(float(number), float(number)) for number in numbers]


def last_step(arm: Mapping[str, Any]) -> int:
    """The last step at which the error of an arm was measured."""
    curve = error_curve(arm)
    return 0 if curve is None else int(curve["steps"][-1])


def error_curve(arm: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The curve of the error that is reported; `None` if the record has none."""
    curves: Mapping[str, Mapping[str, Any]] = arm["curves"]
    return curves.get("test_error", curves.get("error"))
