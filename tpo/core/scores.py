"""Casting scores to the dtype of the computation without losing the differences within a group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.elementwise import narrowed, where_else
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

WIDEST = 64
"""Bits of the widest dtype that scores may have."""


def check_scores(xp: Namespace, **arrays: Array | None) -> None:
    """Raise an error for scores that are no real numbers, or wider than float64.

    Raises:
        InvalidArgumentError: Complex numbers, or an extended precision.
    """
    for name, array in arrays.items():
        if array is None or xp.isdtype(array.dtype, ("bool", "integral")):
            continue
        if not xp.isdtype(array.dtype, "real floating") or xp.finfo(array.dtype).bits > WIDEST:
            message = f"`{name}` must be real numbers or booleans of at most 64 bits; got {array.dtype}."
            raise InvalidArgumentError(f"{message} Take real numbers, in float64 at most.")


def relative_scores(
    xp: Namespace, scores: Array, mask: Array | None, dtype: Any, axes: tuple[int, ...] = (-1,)
) -> Array:
    """Cast scores to `dtype`, up to a shift that all scores along `axes` share.

    A cast to a narrower dtype would lose the differences of large scores: 1e9 and 1e9 + 1 are one number in float32.
    So the lowest score is subtracted first, exactly, if the cast could round; otherwise scores are only cast.

    Args:
        xp: The library of the arrays.
        scores: `[..., K]` real, integer or boolean.
        mask: `[..., K]` boolean, true where a slot holds a candidate, or `None` for everywhere.
        dtype: Floating, at least float32.
        axes: The axes along which a shift of all scores changes nothing; none for scores that must not be shifted.

    Returns:
        `[..., K]` in `dtype`; 0 in masked slots where something was subtracted.
    """
    if not axes or 0 in scores.shape or not loses(xp, scores.dtype, dtype):
        return narrowed(xp, scores, dtype)
    lowest = _lowest(xp, scores, mask, axes)
    above = (scores if mask is None else xp.where(mask, scores, lowest)) - lowest
    values = narrowed(xp, above, dtype)
    if xp.isdtype(scores.dtype, "real floating"):
        # A difference that does not fit makes its group NaN. NumPy would warn of differences of infinities.
        values = where_else(xp, xp.isfinite(values), values, math.nan)
    if not xp.isdtype(scores.dtype, "signed integer"):
        return values
    # An integer difference that overflows wraps around to a negative number; adding a power of two restores it.
    return xp.where(above < 0, values + 2.0 * (int(xp.iinfo(scores.dtype).max) + 1), values)


def scores_above(xp: Namespace, scores: Array, baseline: Array, mask: Array | None, dtype: Any) -> Array:
    """`scores - baseline` in `dtype`, `[..., K]`, exact for large numbers, too.

    Args:
        xp: The library of the arrays.
        scores: `[..., K]` real, integer or boolean.
        baseline: `[...]` real, integer or boolean: one per group.
        mask: `[..., K]` boolean, or `None` for everywhere.
        dtype: Floating, at least float32.
    """
    if scores.dtype != baseline.dtype:
        return difference(xp, narrowed(xp, scores, dtype), narrowed(xp, baseline, dtype)[..., None])
    together = xp.concat([scores, baseline[..., None]], axis=-1)
    present = None if mask is None else xp.concat([mask, xp.ones_like(baseline, dtype=xp.bool)[..., None]], axis=-1)
    relative = relative_scores(xp, together, present, dtype)
    return difference(xp, relative[..., :-1], relative[..., -1:])


def difference(xp: Namespace, a: Array, b: Array) -> Array:
    """`a - b`, clamped to the range of the dtype."""
    largest = float(xp.finfo(a.dtype).max) / 2
    # NaN where both are infinite, as by subtraction, of which NumPy would warn.
    b = where_else(xp, xp.isfinite(a) | (a != b), b, math.nan)
    return 2 * xp.clip(a / 2 - b / 2, -largest, largest)


def loses(xp: Namespace, given: Any, dtype: Any) -> bool:
    """Whether a cast from `given` to `dtype` may round."""
    if xp.isdtype(given, "integral"):
        return bool(int(xp.iinfo(given).max) > 2 / float(xp.finfo(dtype).eps))
    return not xp.isdtype(given, "bool") and bool(xp.finfo(given).bits > xp.finfo(dtype).bits)


def _lowest(xp: Namespace, scores: Array, mask: Array | None, axes: tuple[int, ...]) -> Array:
    """The lowest valid score along `axes` (kept, with length 1); 0 without valid scores."""
    if mask is None:
        return xp.min(scores, axis=axes, keepdims=True)
    # Not the largest number of the dtype for integers: MLX makes no array of that of uint64.
    integral = xp.isdtype(scores.dtype, "integral")
    highest = xp.max(scores, axis=axes, keepdims=True) if integral else xp.full_like(scores, math.inf)
    lowest = xp.min(xp.where(mask, scores, highest), axis=axes, keepdims=True)
    return where_else(xp, xp.any(mask, axis=axes, keepdims=True), lowest, 0)
