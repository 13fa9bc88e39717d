"""Comparing two records arm by arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.analysis.differences import estimate, is_finished, of_means
from tpo.experiments.analysis.intervals import Mean
from tpo.experiments.spec.exhibit import FINAL_ERROR
from tpo.experiments.spec.schema import arms_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.experiments.analysis.differences import Estimate
    from tpo.experiments.spec.schema import Record

Arm = dict[str, Any]
"""An arm of a record."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The numbers of one arm in two records.

    Attributes:
        panel: Its label.
        arm: Its label.
        first: The final error of the first record, from 0 to 1; `None` where a seed's is no number.
        second: That of the second.
        estimate: The second minus the first, in percent: seed by seed where both records have final errors by seed.
        steps: Median steps to 1 % in both; `None` for never.
        statistics: What the tables of the two show; `None` for never.
    """

    panel: str
    arm: str
    first: float | None
    second: float | None
    estimate: Estimate
    steps: tuple[float | None, float | None]
    statistics: tuple[float | str | None, float | str | None]


def compare(first: Record, second: Record) -> list[Difference]:
    """Compare the arms that both records have.

    Raises:
        InvalidArgumentError: They have no panel with an arm in common.
    """
    difference = _by_seed if first["statistic"] == second["statistic"] == FINAL_ERROR else _of_final_errors
    found = [
        _difference(panel, label, arm, second["panels"][panel][label], difference)
        for panel, label, arm in arms_of(first)
        if label in second["panels"].get(panel, {})
    ]
    if not found:
        message = f"the two records must have a panel and arm in common; got {_labels(first)} and {_labels(second)}."
        raise InvalidArgumentError(f"{message} Compare two runs of one exhibit or task.")
    return found


def _labels(record: Record) -> str:
    """List the panels and arms of a record."""
    arms = dict.fromkeys(label for _, label, _ in arms_of(record))
    panels, labels = (", ".join(map(repr, some)) or "none" for some in (record["panels"], arms))
    return f"{record['exhibit']} (panels: {panels}; arms: {labels})"


def _difference(panel: str, label: str, one: Arm, other: Arm, difference: Callable[[Arm, Arm], Estimate]) -> Difference:
    return Difference(
        panel=panel,
        arm=label,
        first=one["final_error"]["mean"],
        second=other["final_error"]["mean"],
        estimate=difference(other, one),
        steps=(one["steps_to_1pct"]["median"], other["steps_to_1pct"]["median"]),
        statistics=(one["ours"]["of_mean"], other["ours"]["of_mean"]),
    )


def _by_seed(one: Arm, other: Arm) -> Estimate:
    """Estimate the difference of final errors, which are the statistic; seed by seed if both arms are finished."""
    finished = is_finished(one) and is_finished(other)
    return estimate(one, other, FINAL_ERROR) if finished else _of_final_errors(one, other)


def _of_final_errors(one: Arm, other: Arm) -> Estimate:
    """Estimate the difference of final errors from their means over seeds."""
    return of_means(_final_error(one), _final_error(other))


def _final_error(arm: Arm) -> Mean | None:
    """The mean of an arm's final error in percent, if it is a number."""
    mean, error = (arm["final_error"][name] for name in ("mean", "se"))
    return None if mean is None else Mean(100 * mean, None if error is None else 100 * error, arm["seeds"])
