"""Minimal counterexamples: small groups in which a law breaks."""

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
"""Tolerance in machine epsilons of the largest number in a group; plain formulas stay far below."""

ROUND_OFF = 64
"""Error that counts as round-off, in machine epsilons of the largest score of a group, or of 1."""


class Counterexample(NamedTuple):
    """A small group in which a law breaks, with the wrong and the right result.

    Attributes:
        group: The numbers of each array, `[K]` or `[K, T]`, by name.
        what: The part of the outcome that is wrong.
        got: The wrong result: a number in a list, `[K]` or `[K, T]`.
        expected: The right result.
        remedy: Advice for repairing the loss.
    """

    group: Mapping[str, list[Any]]
    what: str
    got: list[Any]
    expected: list[Any]
    remedy: str


def counterexample(law: Law, subject: Subject, groups: Groups) -> Counterexample | None:
    """Find a group among `groups` `[N, K]` that breaks `law`, and shrink it; `None` if the law holds."""

    def shows(groups: Groups) -> Array:
        """Whether each group is posed for the law and breaks it."""
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
    # A loss that mixes groups may break only in the batch in which the group was found.
    return _describe(law, subject, repeated if shows(repeated).any() else groups)


def failure(law: Law, reason: str) -> Counterexample:
    """Build a counterexample without a group, for a loss that fails on all groups."""
    return Counterexample({}, f"fails there: {reason}", [], [], law.remedy)


def _describe(law: Law, subject: Subject, groups: Groups) -> Counterexample:
    """Describe the first group that breaks `law`; at least one must."""
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
