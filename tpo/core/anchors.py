"""Anchors by name: each defines the target's prior and the logits of the policy over the group."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.typing import Array, Namespace

Anchor = Literal["policy", "ratio", "none"]
"""Names of the anchors. `policy`: the paper's, for short candidates. `ratio`: for long sequences. `none`: the
paper's ablation."""


class Anchoring(NamedTuple):
    """The definition of an anchor.

    Attributes:
        rule: The target, as a formula.
        tilts_old_policy: Whether the target is the tilted old policy. If not, the target is the tilt alone.
        measures_ratios: Whether the policy over the group is the softmax of `log_probs - old_log_probs`. If not, it is
            the softmax of `log_probs`.
        breaks: The laws that the anchor breaks, as in `Traits.breaks`.
    """

    rule: str
    tilts_old_policy: bool
    measures_ratios: bool
    breaks: Mapping[str, str] = MappingProxyType({})


ANCHORS: Mapping[str, Anchoring] = MappingProxyType(
    {
        "policy": Anchoring("q ∝ p_old exp(u / eta)", tilts_old_policy=True, measures_ratios=False),
        "ratio": Anchoring("q ∝ exp(u / eta)", tilts_old_policy=False, measures_ratios=True),
        "none": Anchoring(
            "q ∝ exp(u / eta)",
            tilts_old_policy=False,
            measures_ratios=False,
            breaks=MappingProxyType(
                {
                    "tied": "without an anchor, tied scores pull the policy to uniform",
                    "direction": "without an anchor, a policy that is better than the target is pulled back to it",
                }
            ),
        ),
    }
)


def anchoring(name: str) -> Anchoring:
    """The anchor called `name`.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("anchor", name, ANCHORS)


def possible_or_minus_infinity(xp: Namespace, values: Array, old_log_probs: Array) -> Array:
    """`values`, `[..., K]`, with `-inf` for candidates that were impossible under the old policy."""
    return where_else(xp, old_log_probs != -math.inf, values, -math.inf)
