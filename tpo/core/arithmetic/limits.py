"""Bounds on options, advantages and errors that keep losses finite near the ends of a dtype's range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.elementwise import where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

OPTION_SHARE = 0.75
"""Share of a dtype's exponent range that an option may use: up to 7.9e28 in float32."""

ADVANTAGE_SHARE = 0.625
"""Share for advantages, up to 1.2e24 in float32: finite even times a ratio of e^20 and summed over 1e5 tokens."""

ERROR_SHARE = 0.45
"""Share for errors that are squared: up to 2.2e17 in float32."""


LOG_RATIO_BOUND = 20.0
"""Bound on the magnitude of log-ratios, in nats, so that no ratio overflows."""

RATIO_SHARE = 0.7
"""Share of a dtype's exponent range that ratios may use; it lowers the bound to 7.8 nats in float16."""


def within_range(xp: Namespace, like: Array, option: float, share: float = OPTION_SHARE) -> float:
    """Clamp a positive option so that it and its reciprocal stay within a share of the range of `like`'s dtype."""
    largest = _largest(xp, like, share)
    return min(max(option, 1 / largest), largest)


def divided(xp: Namespace, values: Array, option: float) -> Array:
    """`values / option`, with the positive option clamped to the range of the dtype."""
    return values / within_range(xp, values, option)


def bounded_advantages(xp: Namespace, advantages: Array, valid: Array, axes: tuple[int, ...] = (-1,)) -> Array:
    """Scale down the advantages of groups that exceed 1.2e24 in float32, or 5.0e192 in float64.

    Args:
        xp: The library of the array.
        advantages: `[..., K]` or `[..., K, T]`.
        valid: Boolean, shaped as `advantages`: the entries that count. The others may hold anything, and are 0 where
            they are not finite.
        axes: The axes of a group.
    """
    # Infinite ones become NaN, as by scaling with 0, of which NumPy would warn. Where nothing counts they become 0: MLX
    # multiplies the gradient of a slot that is not selected by 0, and would give NaN.
    unknown = where_else(xp, ~valid, xp.zeros_like(advantages), math.nan)
    known = xp.where(xp.isfinite(advantages), advantages, unknown)
    return _scaled_down(xp, known, valid, ADVANTAGE_SHARE, axes)


def bounded_errors(xp: Namespace, errors: Array, valid: Array) -> Array:
    """Scale down errors `[..., K]` above 2.2e17 in float32, 5.3e138 in float64, so that sums of squares are finite."""
    return _scaled_down(xp, errors, valid, ERROR_SHARE, (-1,))


def log_ratio_bound(xp: Namespace, dtype: Any) -> float:
    """The bound on log-ratios for log-probs of `dtype`, in nats: 20, but 7.8 in float16, whose range ends at e^11."""
    return min(LOG_RATIO_BOUND, RATIO_SHARE * math.log(float(xp.finfo(dtype).max)))


def _scaled_down(xp: Namespace, values: Array, valid: Array, share: float, axes: tuple[int, ...]) -> Array:
    if 0 in values.shape:
        return values
    bound = _largest(xp, values, share)
    size = xp.max(where_else(xp, valid, xp.abs(values), 0.0), axis=axes, keepdims=True)
    return values * down_to(xp, size, bound)


def down_to(xp: Namespace, size: Array, bound: Array | float) -> Array:
    """The factor that scales groups whose largest magnitude is `size` down to `bound`; 1 for those below it."""
    beyond = size > bound
    return where_else(xp, beyond, bound / where_else(xp, beyond, size, 1.0), 1.0)


def _largest(xp: Namespace, like: Array, share: float) -> float:
    return float(float(xp.finfo(like.dtype).max) ** share)
