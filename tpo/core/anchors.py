"""What the target is anchored to, and which log-probs the policy over the group is made of, by name."""

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
"""`policy`: the paper's, for short candidates. `ratio`: for long sequences. `none`: the paper's ablation."""


class Anchoring(NamedTuple):
    """How one anchor works.

    Attributes:
        tilts_old_policy: Whether the target is the old policy tilted, instead of the tilt alone.
        measures_ratios: Whether the policy over the group is the softmax of `log_probs - old_log_probs`.
        breaks: The laws that this breaks, as in `Traits.breaks`.
    """

    tilts_old_policy: bool
    measures_ratios: bool
    breaks: Mapping[str, str] = MappingProxyType({})


ANCHORS: Mapping[str, Anchoring] = MappingProxyType(
    {
        "policy": Anchoring(tilts_old_policy=True, measures_ratios=False),
        "ratio": Anchoring(tilts_old_policy=False, measures_ratios=True),
        "none": Anchoring(
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
        UnknownNameError: There is none.
    """
    return look_up("anchor", name, ANCHORS)


def possible_or_minus_infinity(xp: Namespace, values: Array, old_log_probs: Array) -> Array:
    """`values` where a candidate was possible under the old policy, `-inf` elsewhere. `[..., K]`."""
    return where_else(xp, old_log_probs != -math.inf, values, -math.inf)
