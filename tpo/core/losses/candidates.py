"""The candidates of a group that count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.loss import possible_candidates

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


def valid_candidates(group: Group) -> Array:
    """Candidates in the mask that are possible under the old policy, `[..., K]` boolean."""
    return possible_candidates(group.old_log_probs, group.mask)
