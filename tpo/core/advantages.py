"""Scores minus a baseline: the weight of a policy-gradient term."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tpo.core.fast import centre
from tpo.core.loss import possible_candidates

if TYPE_CHECKING:
    from tpo.core.group import Group
    from tpo.core.ops import Array


class Advantages(NamedTuple):
    """The signal of the policy-gradient methods.

    Attributes:
        advantages: `[..., K]` constant weights.
        old_log_probs: `[..., K]` in nats.
        valid: `[..., K]` boolean: in the mask and possible.
    """

    advantages: Array
    old_log_probs: Array
    valid: Array


def centred_advantages(group: Group) -> Advantages:
    """Scores minus their group's mean; exactly 0 where the group is tied."""
    _, xp = group.library()
    valid = possible_candidates(group.old_log_probs, group.mask)
    return Advantages(centre(xp, group.scores, group.mask), group.old_log_probs, valid)
