"""What the methods on whole candidates share: which candidates count, and the check of their log-probs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.loss import possible_candidates
from tpo.core.ops import check_floating, check_same_shape, count, unify, where_else
from tpo.core.target import SUM_TOKENS_FIRST

if TYPE_CHECKING:
    from tpo.core.group import Group
    from tpo.core.ops import Array, Namespace, Ops


def valid_candidates(group: Group) -> Array:
    """`[..., K]` boolean: in the mask, and possible under the old policy."""
    return possible_candidates(group.old_log_probs, group.mask)


def own_log_probs(log_probs: Array, valid: Array) -> tuple[Ops, Namespace, Array, Array]:
    """The library of `log_probs`, its namespace, and both arrays as that library's own.

    Args:
        log_probs: `[..., K]` in nats, of candidates.
        valid: `[..., K]` boolean.

    Raises:
        InvalidArgumentError: The shapes differ, or `log_probs` is not floating.
    """
    ops, (log_probs, valid) = unify(log_probs=log_probs, valid=valid)
    xp = ops.namespace()
    check_same_shape(SUM_TOKENS_FIRST, old_log_probs=valid, log_probs=log_probs)
    check_floating(xp, log_probs=log_probs)
    return ops, xp, log_probs, valid


def mean(xp: Namespace, values: Array, valid: Array) -> Array:
    """`[...]`: the mean over each group's valid candidates; 0 where there is none."""
    total = xp.sum(where_else(xp, valid, values, 0.0), axis=-1)
    number = count(xp, valid, values)[..., 0]
    return total / where_else(xp, number > 0, number, 1.0)
