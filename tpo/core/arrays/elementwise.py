"""Small pure functions of arrays that the Array API lacks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import array_api_compat

if TYPE_CHECKING:
    import numpy as np

    from tpo.core.arrays.typing import Array, Namespace


def constants(xp: Namespace, values: np.ndarray[Any, Any], like: Array) -> Array:
    """Convert NumPy numbers to an array with the dtype and the device of `like`."""
    # Where all devices share one memory (MLX), arrays have no `device`.
    device = array_api_compat.device(like) if hasattr(like, "device") else None
    return xp.asarray(values, dtype=like.dtype, device=device)


def cast(xp: Namespace, array: Array, dtype: Any) -> Array:
    """Cast `array` to `dtype`; the array itself if it has that dtype."""
    return array if array.dtype == dtype else xp.astype(array, dtype)


def narrowed(xp: Namespace, array: Array, dtype: Any) -> Array:
    """Cast `array` to floating `dtype`, without the warning of NumPy where a number becomes infinite."""
    if not xp.isdtype(array.dtype, "real floating") or xp.finfo(array.dtype).bits <= xp.finfo(dtype).bits:
        return cast(xp, array, dtype)
    largest = float(xp.finfo(dtype).max)
    # Half a unit in the last place above the largest number: what reaches it is rounded to infinity.
    beyond = largest + float(xp.finfo(dtype).eps) * 2.0 ** (math.frexp(largest)[1] - 2)
    array = where_else(xp, ~(array >= beyond), array, math.inf)
    return cast(xp, where_else(xp, ~(array <= -beyond), array, -math.inf), dtype)


def where_else(xp: Namespace, condition: Array, array: Array, otherwise: float) -> Array:
    """`where` with a number: `array` where `condition` holds, `otherwise` elsewhere, in the dtype of `array`."""
    return xp.where(condition, array, xp.full_like(array, otherwise))


def count(xp: Namespace, valid: Array, like: Array) -> Array:
    """Count the `valid` entries of the last axis, `[..., 1]` in the dtype of `like`."""
    return xp.sum(xp.astype(valid, like.dtype), axis=-1, keepdims=True)


def mask_or_all(xp: Namespace, mask: Array | None, like: Array) -> Array:
    """`mask`, or a mask of every slot of `like` if it is `None`."""
    return xp.ones_like(like, dtype=xp.bool) if mask is None else mask


def zero_outside(xp: Namespace, mask: Array | None, array: Array) -> Array:
    """`array` with 0 outside a mask; the array itself without one."""
    return array if mask is None else where_else(xp, mask, array, 0.0)


def weighed(xp: Namespace, weights: Array, values: Array) -> Array:
    """`weights * values`, and 0 where a weight is 0, even if the value is infinite."""
    return weights * where_else(xp, weights != 0, values, 0.0)


def log_or_zero(xp: Namespace, probabilities: Array) -> Array:
    """The logarithm of probabilities, and 0 where they are 0."""
    return xp.log(where_else(xp, probabilities > 0, probabilities, 1.0))


def unknown_groups(xp: Namespace, values: Array, valid: Array) -> Array:
    """NaN for groups whose `valid` entries are not all finite, and 0 for the others, `[..., 1]`, to be added."""
    unknown = xp.any(~xp.isfinite(values) & valid, axis=-1, keepdims=True)
    return where_else(xp, ~unknown, xp.zeros_like(unknown, dtype=values.dtype), math.nan)


def mean(xp: Namespace, values: Array, valid: Array) -> Array:
    """The mean over the `valid` entries of the last axis, `[...]`; 0 without any."""
    total = xp.sum(where_else(xp, valid, values, 0.0), axis=-1)
    number = count(xp, valid, values)[..., 0]
    return total / where_else(xp, number > 0, number, 1.0)
