"""The definition of a law, and finding the groups that break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.testing.laws.half_precision import SINGLE, to_the_last_place, within_range, without_overflow
from tpo.testing.laws.outcomes import breaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.outcomes import Comparison, Subject


class Law(NamedTuple):
    """A property that every loss on groups should have.

    Attributes:
        statement: The property, in a sentence.
        remedy: Advice for repairing a loss that breaks it.
        pose: Modifies groups so that the law applies to them; posing twice changes nothing more.
        compare: Evaluates a loss on posed groups and returns the results that must be equal.
        of_functions: The sentence for losses that are plain functions, without `prepare`; empty for `statement`.
        of_round_off: The remedy if the difference is only round-off; empty for `remedy`.
        wanted: The expected result, in words, if numbers cannot express it.
        about_gradients: Whether it applies only to losses that are differentiated.
        about_tokens: Whether it applies only to losses on tokens.
        of_tokens_too: Whether it must be checked on log-probs of tokens in addition to those of candidates.
        in_single_too: Whether it must be checked in float32 in addition to the widest dtype.
        in_half_too: Whether it must also be checked in half precision.
        may_overflow: Whether a gradient may be infinite in half precision if that of float32 is beyond the range of
            half precision: rounding it once gives infinity.
        of_one_size: Whether a counterexample keeps all its candidates, since libraries may recompile for every size,
            and here in three dtypes.
        broken_by_failure: Whether an exception of the loss on posed groups counts as breaking the law. Otherwise it is
            reported as a broken loss.
    """

    statement: str
    remedy: str
    pose: Callable[[Groups], Groups]
    compare: Callable[[Subject, Groups], list[Comparison]]
    of_functions: str = ""
    of_round_off: str = ""
    wanted: str = ""
    about_gradients: bool = False
    about_tokens: bool = False
    of_tokens_too: bool = False
    in_single_too: bool = False
    in_half_too: bool = False
    may_overflow: bool = False
    of_one_size: bool = False
    broken_by_failure: bool = False

    def said_of(self, *, functions: bool) -> str:
        """Return the statement for functions or for algorithms."""
        return (functions and self.of_functions) or self.statement


def broken(law: Law, subject: Subject, groups: Groups, tolerance: float) -> tuple[Array, list[Comparison]]:
    """Pose groups and return those that break `law`, `[...]` boolean, with all comparisons."""
    comparisons = law.compare(subject, law.pose(groups))
    return _wrong(comparisons, groups, tolerance), comparisons


def broken_in_half(law: Law, subject: Subject, groups: Groups, dtype: str) -> tuple[Array, list[Comparison]]:
    """Check a law in half precision, with scores in its range and a tolerance of a unit in the last place."""
    posed, leading = law.pose(within_range(law.pose(groups), dtype)), groups["scores"].shape[:-1]
    found = law.compare(subject.at(dtype), posed)
    if law.may_overflow:
        found = without_overflow(found, subject.at(SINGLE).outcome(posed), dtype)
    comparisons = [to_the_last_place(comparison, dtype, leading) for comparison in found]
    return _wrong(comparisons, groups, 0), comparisons


def _wrong(comparisons: list[Comparison], groups: Groups, tolerance: float) -> Array:
    leading = groups["scores"].shape[:-1]
    wrong = [breaks(comparison, len(leading), tolerance) for comparison in comparisons]
    return np.asarray(np.any([np.zeros(leading, bool), *wrong], axis=0))
