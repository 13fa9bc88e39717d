"""Which candidates of a group count, and means over those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import count, where_else
from tpo.core.loss import possible_candidates

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group


def valid_candidates(group: Group) -> Array:
    """`[..., K]` boolean: in the mask, and possible under the old policy."""
    return possible_candidates(group.old_log_probs, group.mask)


def mean(xp: Namespace, values: Array, valid: Array) -> Array:
    """`[...]`: the mean over each group's valid candidates; 0 where there is none."""
    total = xp.sum(where_else(xp, valid, values, 0.0), axis=-1)
    number = count(xp, valid, values)[..., 0]
    return total / where_else(xp, number > 0, number, 1.0)
