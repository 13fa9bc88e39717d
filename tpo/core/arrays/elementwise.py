"""Small functions of arrays that the Array API has no name for. Pure: they look up no library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat

if TYPE_CHECKING:
    import numpy as np

    from tpo.core.arrays.typing import Array, Namespace


def constants(xp: Namespace, values: np.ndarray[Any, Any], like: Array) -> Array:
    """Numbers as an array of the dtype of `like`, beside it."""
    # Some libraries have one memory for all devices, and no attribute for it.
    device = array_api_compat.device(like) if hasattr(like, "device") else None
    return xp.asarray(values, dtype=like.dtype, device=device)


def cast(xp: Namespace, array: Array, dtype: Any) -> Array:
    """`array` in `dtype`; itself where it has it already."""
    return array if array.dtype == dtype else xp.astype(array, dtype)


def where_else(xp: Namespace, condition: Array, array: Array, otherwise: float) -> Array:
    """`array` where `condition` holds and the number `otherwise` elsewhere, in the dtype of `array`."""
    return xp.where(condition, array, xp.full_like(array, otherwise))


def count(xp: Namespace, valid: Array, like: Array) -> Array:
    """`[..., 1]`: how many of the last axis are `valid`, in the dtype of `like`."""
    return xp.sum(xp.astype(valid, like.dtype), axis=-1, keepdims=True)
