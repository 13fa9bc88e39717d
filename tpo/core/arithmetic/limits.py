"""Bounds that keep losses finite where options or scores come near the ends of a dtype's range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.elementwise import where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

OPTION_SHARE = 0.75
"""The share of a dtype's exponents that an option may take: up to 7.9e28 in float32."""

ADVANTAGE_SHARE = 0.625
"""The share for advantages, 1.2e24 in float32: times a ratio of e^20 and summed over 1e5 tokens they stay finite."""

ERROR_SHARE = 0.45
"""The share for errors that are squared: 2.2e17 in float32."""


LOG_RATIO_BOUND = 20.0
"""Log-ratios are kept within this many nats of 0, so that no ratio overflows."""

SHARE_OF_RANGE = 0.7
"""Where that would not do: the share of the exponents of a dtype that ratios may take. 7.8 nats in float16."""


def within_range(xp: Namespace, like: Array, option: float, share: float = OPTION_SHARE) -> float:
    """A positive option, brought to where neither it nor its reciprocal leaves a share of the range of `like`."""
    largest = _largest(xp, like, share)
    return min(max(option, 1 / largest), largest)


def divided(xp: Namespace, values: Array, option: float) -> Array:
    """`values / option`, with the positive option brought within range."""
    return values / within_range(xp, values, option)


def bounded_advantages(xp: Namespace, advantages: Array, valid: Array, axes: tuple[int, ...] = (-1,)) -> Array:
    """Advantages of at most 1.2e24 in float32, 5.0e192 in float64: those of a group with larger ones are scaled down.

    Args:
        xp: The library of the array.
        advantages: `[..., K]` or `[..., K, T]`.
        valid: Boolean, shaped as they are: what counts. Others may hold anything.
        axes: Those of a group.
    """
    return _scaled_down(xp, advantages, valid, ADVANTAGE_SHARE, axes)


def bounded_errors(xp: Namespace, errors: Array, valid: Array) -> Array:
    """Errors `[..., K]` of at most 2.2e17 in float32, 5.3e138 in float64, so that sums of their squares are finite."""
    return _scaled_down(xp, errors, valid, ERROR_SHARE, (-1,))


def log_ratio_bound(xp: Namespace, dtype: Any) -> float:
    """The bound on log-ratios for log-probs of `dtype`, in nats: 20, but 7.8 in float16, which ends at e^11."""
    return min(LOG_RATIO_BOUND, SHARE_OF_RANGE * math.log(float(xp.finfo(dtype).max)))


def _scaled_down(xp: Namespace, values: Array, valid: Array, share: float, axes: tuple[int, ...]) -> Array:
    if 0 in values.shape:
        return values
    bound = _largest(xp, values, share)
    size = xp.max(where_else(xp, valid, xp.abs(values), 0.0), axis=axes, keepdims=True)
    return values * where_else(xp, size > bound, bound / where_else(xp, size > bound, size, 1.0), 1.0)


def _largest(xp: Namespace, like: Array, share: float) -> float:
    return float(float(xp.finfo(like.dtype).max) ** share)
