"""Choosing tokens or actions: sampled from uniform numbers by inversion of the CDF, or the likeliest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace


def invert(xp: Namespace, log_probs: Array, uniform: Array, dtype: Any) -> Array:
    """Sample tokens `[..., M]` from log-probs `[..., V]` by inverting the CDF at uniform numbers `[..., M]`."""
    # Without the last sum, which may round to less than 1: a number above it would give the token V.
    cumulative = xp.cumulative_sum(xp.exp(log_probs), axis=-1)[..., None, :-1]
    return xp.sum(xp.astype(uniform[..., None] > cumulative, dtype), axis=-1, dtype=dtype)


def likeliest(xp: Namespace, log_probs: Array, uniform: Array, dtype: Any) -> Array:
    """Choose the likeliest token, `[..., 1]`, by log-probs `[..., V]`; takes the arguments of `invert`."""
    del uniform
    return xp.astype(xp.argmax(log_probs, axis=-1, keepdims=True), dtype)
