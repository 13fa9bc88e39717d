"""The check of a group before an algorithm learns from it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.algorithms.base import Algorithm
    from tpo.core.group import Group

FIELDS = ("scores", "old_log_probs", "mask", "token_mask")
"""Fields by which a group is known."""

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "advantages": "They are a critic's estimates, [..., K].",
        "rollout_log_probs": "They are those of the engine that sampled, shaped as `old_log_probs`.",
        "baseline_scores": "They are the scores of one greedy candidate per group, [...].",
    }
)
"""Explanations of the optional group arrays that some algorithms need, by the name of the array."""


def check_group(group: Group, algorithm: Algorithm) -> None:
    """Raise an error if an algorithm cannot learn from a group.

    With a mask, groups differ in size. Those that are too small are not refused then; their standardized scores are 0.

    Raises:
        InvalidTypeError: It is no group.
        InvalidArgumentError: The group is too small, lacks an array, or holds tokens where candidates are wanted.
    """
    check_is_group(group)
    traits, name = algorithm.traits, type(algorithm).__name__
    if group.mask is None and group.size < traits.min_group_size:
        message = f"the group size must be at least {traits.min_group_size} for {name}; got {group.size}. "
        more = "Use larger groups: more candidates per context, or a larger batch if the batch is the group."
        raise InvalidArgumentError(message + more)
    if group.token_mask is not None and not traits.takes_tokens:
        message = f"the log-probs must be those of candidates, [..., K], for {name}; got those of tokens, [..., K, T]. "
        raise InvalidArgumentError(message + "Sum them first, and leave the token mask out: tpo.sequence_log_probs().")
    for needed in traits.needs:
        if getattr(group, needed) is None:
            message = f"`{needed}` must be in the group for {name}; got None. {REMEDIES.get(needed, '')}".rstrip()
            raise InvalidArgumentError(message)


def check_is_group(group: Any) -> None:
    """Raise an error for what is no group.

    Raises:
        InvalidTypeError: It is something else.
    """
    if isinstance(group, type) or not all(hasattr(group, name) for name in FIELDS):
        message = f"`group` must be a tpo.Group; got {type(group).__name__}."
        raise InvalidTypeError(f"{message} For example tpo.Group(scores=scores, old_log_probs=old_log_probs).")
