"""What a law is, and the groups in which one breaks."""

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
    """Something that holds for every loss on groups.

    Attributes:
        statement: In a sentence.
        remedy: What to do about a loss that breaks it.
        pose: From any groups to groups that the law is about; what is posed already stays as it is.
        compare: From a loss and posed groups to what must be equal.
        of_functions: The sentence where the loss is a function, which prepares nothing; empty for `statement`.
        of_round_off: The remedy where what came differs by no more than roundings; empty for `remedy`.
        wanted: What should have come, where numbers cannot say it.
        about_gradients: Whether it says nothing of a loss that is not differentiated.
        about_tokens: Whether it says nothing of a loss that takes no tokens.
        of_tokens_too: Whether it must be checked on the log-probs of tokens besides those of candidates.
        in_single_too: Whether it must be checked in float32 besides the widest dtype.
        in_half_too: Whether it must be checked in half precision too.
        may_overflow: Whether a gradient that is beyond the range of half precision in float32 may be infinite there:
            rounded once, it is.
        of_one_size: Whether a counterexample keeps all its candidates: libraries may compile anew for every size, and
            here in three dtypes.
        broken_by_failure: Whether a loss that fails on what is posed breaks it, instead of being no loss.
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
        """The statement, of functions or of algorithms."""
        return (functions and self.of_functions) or self.statement


def broken(law: Law, subject: Subject, groups: Groups, tolerance: float) -> tuple[Array, list[Comparison]]:
    """`[...]` boolean, the groups in which `law` breaks once posed; and all that was compared."""
    comparisons = law.compare(subject, law.pose(groups))
    return _wrong(comparisons, groups, tolerance), comparisons


def broken_in_half(law: Law, subject: Subject, groups: Groups, dtype: str) -> tuple[Array, list[Comparison]]:
    """The same in half precision: scores stay within its range, and a unit in the last place is forgiven."""
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
