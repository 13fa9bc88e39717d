"""Scores compared within their group: centred, and divided by the population standard deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.core.ops import check_mask, check_same_shape, unify, where_else, working_dtype

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace


def standardize(scores: Array, *, mask: Array | None = None) -> Array:
    """Z-score within each group, with the population standard deviation; tied groups give exactly 0.

    A group is tied when its largest score equals its smallest, however the computed deviation rounds: scores of
    `[.1, .1, .1]` give 0, and scores of `[1e-7, 0, 0]` give what `[1, 0, 0]` gives, to rounding.

    Args:
        scores: `[..., K]` real, integer or boolean. Half precision is computed in float32.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.

    Returns:
        `[..., K]` in the dtype of `scores`, or the library's default floating dtype for integers and booleans.
        Masked slots are 0. A NaN score makes its whole group NaN.

    Raises:
        InvalidTypeError: `scores` is no array.
        InvalidArgumentError: `mask` has another shape or is not boolean.

    Source:
        Kaddour 2026, appendix A, equation 5.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.standardize(np.asarray([1.0, 0.0, 0.0, 1.0]))
        array([ 1., -1., -1.,  1.])
    """
    ops, (scores, mask) = unify(scores=scores, mask=mask)
    xp = ops.namespace()
    check_same_shape(scores=scores, mask=mask)
    check_mask(xp, mask)
    dtype = _floating_dtype(xp, scores)
    values = xp.astype(ops.stop_gradient(scores), working_dtype(xp, dtype))
    return xp.astype(z_score(xp, values, mask), dtype)


def _floating_dtype(xp: Namespace, scores: Array) -> Any:
    if xp.isdtype(scores.dtype, "real floating"):
        return scores.dtype
    return xp.__array_namespace_info__().default_dtypes()["real floating"]


def z_score(xp: Namespace, scores: Array, mask: Array | None = None) -> Array:
    """`standardize` for scores that are floating, checked and constant already.

    The group is scaled by its range first, so that squares neither overflow nor vanish.
    """
    # A sixteenth: neither the span of the largest scores nor its reciprocal leaves the normal range.
    offsets, low, high = _above_lowest(xp, scores * 0.0625, mask)
    span = high - low
    tied = (high == low) | (span == 0)
    scaled = offsets / where_else(xp, ~tied, span, 1.0)
    centred = _subtract_mean(xp, _subtract_mean(xp, scaled, mask), mask)
    variance = _mean(xp, centred * centred, mask)
    deviation = xp.sqrt(where_else(xp, ~tied, variance, 1.0))
    return where_else(xp, ~tied, centred / deviation, 0.0)


def centre(xp: Namespace, scores: Array, mask: Array | None = None) -> Array:
    """Scores minus their group's mean; exactly 0 where the group is tied. `[..., K]`, masked slots 0."""
    return _subtract_mean(xp, _above_lowest(xp, scores, mask)[0], mask)


def _above_lowest(xp: Namespace, scores: Array, mask: Array | None) -> tuple[Array, Array, Array]:
    """Scores minus the lowest of their group (masked slots 0), the lowest and the highest."""
    if mask is None:
        low = xp.min(scores, axis=-1, keepdims=True)
    else:
        low = xp.min(where_else(xp, mask, scores, float("inf")), axis=-1, keepdims=True)
        low = where_else(xp, xp.any(mask, axis=-1, keepdims=True), low, 0.0)
        scores = xp.where(mask, scores, low)
    return scores - low, low, xp.max(scores, axis=-1, keepdims=True)


def _mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    """The mean over the group's valid slots; `values` are 0 in the others."""
    if mask is None:
        return xp.mean(values, axis=-1, keepdims=True)
    count = xp.sum(xp.astype(mask, values.dtype), axis=-1, keepdims=True)
    return xp.sum(values, axis=-1, keepdims=True) / where_else(xp, count > 0, count, 1.0)


def _subtract_mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    centred = values - _mean(xp, values, mask)
    return centred if mask is None else where_else(xp, mask, centred, 0.0)
