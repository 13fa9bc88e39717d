"""The smallest group in which a law breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.testing.checking.shrink import ROWS, shrink
from tpo.testing.laws.law import broken
from tpo.testing.laws.outcomes import breaks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.law import Law
    from tpo.testing.laws.outcomes import Comparison, Subject

TOLERANCE = 1e4
"""Machine epsilons of the largest number in a group; a loss by plain formulas stays far below."""

ROUND_OFF = 64
"""Machine epsilons of the largest score of a group, or of 1: what plain formulas lose to roundings."""


class Counterexample(NamedTuple):
    """A group in which a law breaks, as small as it was found to be.

    Attributes:
        group: Each array's numbers, `[K]` or `[K, T]`, by name.
        what: The part of the outcome that is wrong.
        got: What came: a number in a list, `[K]` or `[K, T]`.
        expected: What should have.
        remedy: What to do about it.
    """

    group: Mapping[str, list[Any]]
    what: str
    got: list[Any]
    expected: list[Any]
    remedy: str


def counterexample(law: Law, subject: Subject, groups: Groups) -> Counterexample | None:
    """The smallest group that was found to break `law`, from `groups` `[N, K]`; `None` where none does."""

    def shows(groups: Groups) -> Array:
        """Groups that break the law and are posed for it."""
        posed = law.pose(groups)
        moved = [(posed[name] != values).reshape(len(values), -1).any(axis=-1) for name, values in groups.items()]
        with np.errstate(all="ignore"):
            return np.asarray(broken(law, subject, groups, TOLERANCE)[0] & ~np.any(moved, axis=0))

    groups = law.pose(groups)
    wrong = shows(groups)
    if not wrong.any():
        return None
    first = int(np.argmax(wrong))
    found = {name: values[first : first + 1] for name, values in groups.items()}
    smallest = shrink(shows, found, keep_sizes=law.of_one_size)
    repeated = {name: np.repeat(values, ROWS, axis=0) for name, values in smallest.items()}
    # A loss that mixes groups may break only in the company that a group was found in.
    return _describe(law, subject, repeated if shows(repeated).any() else groups)


def failure(law: Law, reason: str) -> Counterexample:
    """What stands for a group where a loss fails on any."""
    return Counterexample({}, f"fails there: {reason}", [], [], law.remedy)


def _describe(law: Law, subject: Subject, groups: Groups) -> Counterexample:
    """The first group that breaks `law`, among groups of which one does."""
    with np.errstate(all="ignore"):
        wrong, comparisons = broken(law, subject, groups, TOLERANCE)
    row = int(np.argmax(wrong))
    guilty = next(comparison for comparison in comparisons if breaks(comparison, 1, TOLERANCE)[row])
    shown = {name: values[row].tolist() for name, values in groups.items()}
    rounding = law.of_round_off and _is_round_off(guilty, row, groups["scores"][row])
    remedy = law.of_round_off if rounding else law.remedy
    return Counterexample(shown, guilty.what, _numbers(guilty.got[row]), _numbers(guilty.expected[row]), remedy)


def _is_round_off(found: Comparison, row: int, scores: Array) -> bool:
    got, expected = found.got[row], found.expected[row]
    largest = max(1.0, float(np.max(np.abs(scores))))
    return bool(np.max(np.abs(got - expected)) <= ROUND_OFF * np.finfo(found.got.dtype).eps * largest)


def _numbers(values: Array) -> list[Any]:
    return list((np.atleast_1d(values).astype(float) + 0.0).tolist())  # not -0.0
