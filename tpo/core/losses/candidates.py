"""The candidates of a group that count, and means over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import count, where_else
from tpo.core.loss import possible_candidates

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group


def valid_candidates(group: Group) -> Array:
    """Candidates in the mask that are possible under the old policy, `[..., K]` boolean."""
    return possible_candidates(group.old_log_probs, group.mask)


def mean(xp: Namespace, values: Array, valid: Array) -> Array:
    """The mean over each group's valid candidates, `[...]`; 0 without any."""
    total = xp.sum(where_else(xp, valid, values, 0.0), axis=-1)
    number = count(xp, valid, values)[..., 0]
    return total / where_else(xp, number > 0, number, 1.0)
