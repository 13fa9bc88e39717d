"""Comparing two records arm by arm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from tpo.experiments.spec.schema import Record


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The numbers of one arm in two records.

    Attributes:
        panel: Its label.
        arm: Its label.
        first: The final error of the first record, from 0 to 1; `None` where a seed's is no number.
        second: That of the second.
        spreads: Their difference in standard errors of the difference; `None` where a record has a single seed, or no
            number.
        steps: Median steps to 1 % in both; `None` for never.
        statistics: What the tables of the two show; `None` for never.
    """

    panel: str
    arm: str
    first: float | None
    second: float | None
    spreads: float | None
    steps: tuple[float | None, float | None]
    statistics: tuple[float | str | None, float | str | None]


def compare(first: Record, second: Record) -> list[Difference]:
    """Compare the arms that both records have.

    Raises:
        InvalidArgumentError: They have no arm in common.
    """
    found = [
        _difference(panel, label, arm, second["panels"][panel][label])
        for panel, label, arm in arms_of(first)
        if label in second["panels"].get(panel, {})
    ]
    if not found:
        names = f"{first['exhibit']} and {second['exhibit']}"
        message = f"the two records must have an arm in common; got {names}, which have none."
        raise InvalidArgumentError(f"{message} Compare two runs of one exhibit or task.")
    return found


def _difference(panel: str, label: str, one: dict[str, Any], other: dict[str, Any]) -> Difference:
    first, second = one["final_error"], other["final_error"]
    known = None not in {first["se"], second["se"], first["mean"], second["mean"]}
    steps = one["steps_to_1pct"]["median"], other["steps_to_1pct"]["median"]
    return Difference(
        panel=panel,
        arm=label,
        first=first["mean"],
        second=second["mean"],
        spreads=_spreads(first, second) if known else None,
        steps=steps,
        statistics=(one["ours"]["of_mean"], other["ours"]["of_mean"]),
    )


def _spreads(first: dict[str, float], second: dict[str, float]) -> float:
    gap, spread = second["mean"] - first["mean"], math.hypot(first["se"], second["se"])
    if gap == 0:
        return 0.0
    return gap / spread if spread > 0 else math.copysign(math.inf, gap)
