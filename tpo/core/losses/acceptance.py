"""Accepting and rejecting the candidates of a group by a named threshold."""

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
"""Tolerance for ties with the threshold, in machine epsilons of the largest distance to it."""


def nth(xp: Namespace, ordered: Array, position: Array) -> Array:
    """The element of each group at the 0-based `position`, `[..., 1]` both."""
    positions = xp.cumulative_sum(xp.ones_like(ordered), axis=-1) - 1
    return xp.sum(where_else(xp, positions == position, ordered, 0.0), axis=-1, keepdims=True)


def _from_median(xp: Namespace, scores: Array, valid: Array) -> Array:
    ordered = xp.sort(where_else(xp, valid, scores, math.inf), axis=-1)
    ordered = where_else(xp, ordered != math.inf, ordered, 0.0)
    last = xp.maximum(count(xp, valid, scores) - 1, xp.zeros_like(scores[..., :1]))
    low, high = nth(xp, ordered, xp.floor(last / 2)), nth(xp, ordered, xp.ceil(last / 2))
    return where_else(xp, valid, scores, 0.0) - where_else(xp, valid, low + (high - low) / 2, 0.0)


THRESHOLDS: dict[str, Callable[[Namespace, Array, Array], Array]] = {"mean": centre, "median": _from_median}
"""Thresholds by name: functions that return scores minus the threshold, `[..., K]`, 0 in invalid slots."""


def above_and_below(xp: Namespace, scores: Array, valid: Array, threshold: str) -> tuple[Array, Array]:
    """Find the candidates above and below the threshold of their group, two `[..., K]` booleans.

    Both are false where the difference is no more than rounding, and in invalid slots.
    """
    distance = THRESHOLDS[threshold](xp, scores, valid)
    largest = xp.max(xp.abs(distance), axis=-1, keepdims=True)
    slack = ROUNDING * float(xp.finfo(distance.dtype).eps) * largest
    return valid & (distance > slack), valid & (distance < -slack)
