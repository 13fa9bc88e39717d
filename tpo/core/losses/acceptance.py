"""Which candidates of a group are accepted and which rejected, by a threshold with a name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from tpo.core.arithmetic.fast import centre
from tpo.core.arrays.elementwise import count, where_else

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace

Threshold = Literal["mean", "median"]

ROUNDING = 8
"""How many machine epsilons of the largest distance to the threshold count as none."""


def nth(xp: Namespace, ordered: Array, position: Array) -> Array:
    """`[..., 1]`: the element of each group at `position`, `[..., 1]`, from 0."""
    positions = xp.cumulative_sum(xp.ones_like(ordered), axis=-1) - 1
    return xp.sum(where_else(xp, positions == position, ordered, 0.0), axis=-1, keepdims=True)


def _from_median(xp: Namespace, scores: Array, valid: Array) -> Array:
    ordered = xp.sort(where_else(xp, valid, scores, math.inf), axis=-1)
    ordered = where_else(xp, ordered != math.inf, ordered, 0.0)
    last = xp.maximum(count(xp, valid, scores) - 1, xp.zeros_like(scores[..., :1]))
    low, high = nth(xp, ordered, xp.floor(last / 2)), nth(xp, ordered, xp.ceil(last / 2))
    return where_else(xp, valid, scores, 0.0) - where_else(xp, valid, low + (high - low) / 2, 0.0)


THRESHOLDS: dict[str, Callable[[Namespace, Array, Array], Array]] = {"mean": centre, "median": _from_median}
"""By name: the scores of each group minus the threshold, `[..., K]`, 0 where not valid."""


def above_and_below(xp: Namespace, scores: Array, valid: Array, threshold: str) -> tuple[Array, Array]:
    """Which candidates score above and which below the threshold of their group, two `[..., K]` booleans.

    Neither holds where they differ by no more than rounding, or where not `valid`.
    """
    distance = THRESHOLDS[threshold](xp, scores, valid)
    largest = xp.max(xp.abs(distance), axis=-1, keepdims=True)
    slack = ROUNDING * float(xp.finfo(distance.dtype).eps) * largest
    return valid & (distance > slack), valid & (distance < -slack)
