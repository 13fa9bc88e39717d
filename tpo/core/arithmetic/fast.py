"""The fast tier: the plain formulas, safe from overflow. The error in `q` stays below 8 machine epsilons.

Inputs are floating, at least float32, already checked, and constant to differentiation. Tied groups, impossible
candidates and masked candidates give exactly 0. NaN makes its own group NaN, and no other.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arithmetic.limits import down_to, within_range
from tpo.core.arrays.elementwise import count, where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.standardizing.standardizer import Standardizer

SHRINK = 0.0625
"""Factor applied to scores before their span is computed, so that neither the span nor its reciprocal overflows."""

SMALL = 2.0**-20
"""Scores below this share of the range are centred directly; larger ones are first multiplied by it."""

LONGEST_SUM = 16
"""The most numbers added by one library call; longer axes are folded in halves first."""


class Deviations(NamedTuple):
    """Deviations of scores from their group's mean, in units of the group's span.

    Attributes:
        values: `[..., K]`, 0 in masked slots and tied groups.
        unit: `[..., 1]` the span times `SHRINK`; 1 where tied.
        tied: `[..., 1]` boolean.
    """

    values: Array
    unit: Array
    tied: Array


def z_score(
    xp: Namespace, scores: Array, mask: Array | None = None, *, tolerance: float = 0.0, floor: float = 0.0
) -> Array:
    """Standardized scores, `[..., K]`; the options are those of `tpo.core.standardizing.standardizers.ZScore`."""
    centred, unit, tied = deviations(xp, scores, mask, tolerance)
    variance = _mean(xp, centred * centred, mask)
    deviation = xp.sqrt(where_else(xp, ~tied, variance, 1.0))
    if floor:
        # Compared in units of the span, so that neither side overflows.
        deviation = xp.maximum(deviation, floor * SHRINK / unit)
    return where_else(xp, ~tied, centred / deviation, 0.0)


def centre(xp: Namespace, scores: Array, mask: Array | None = None) -> Array:
    """Scores minus their group's mean, `[..., K]`; exactly 0 in tied groups and masked slots.

    Groups with a result above 2**-20 of the largest number are scaled down to it, so that later steps do not overflow.
    """
    shrink = shrinking(xp, scores, mask)
    centred = _subtract_mean(xp, _above_lowest(xp, scores * shrink, mask)[0], mask)
    size, bound = _highest(xp, xp.abs(centred)), SMALL * float(xp.finfo(scores.dtype).max) * shrink
    return centred * down_to(xp, size, bound) / shrink


def shrinking(xp: Namespace, scores: Array, mask: Array | None) -> Array:
    """The factor, `[..., 1]`, by which scores are multiplied before they are added or subtracted: 1, or `SMALL`.

    Near the end of the range differences and sums would overflow. A power of two changes no digit.
    """
    size = _highest(xp, xp.abs(scores if mask is None else where_else(xp, mask, scores, 0.0)))
    return where_else(xp, size <= SMALL * float(xp.finfo(scores.dtype).max), xp.ones_like(size), SMALL)


def clamped(xp: Namespace, values: Array) -> Array:
    """Clamp the magnitude of values to 2**-20 of the largest number."""
    # An array: `torch.compile` cannot trace an extremum with a number.
    bound = xp.full_like(values, SMALL * float(xp.finfo(values.dtype).max))
    return xp.minimum(xp.maximum(values, -bound), bound)


def deviations(xp: Namespace, scores: Array, mask: Array | None, tolerance: float = 0.0) -> Deviations:
    """Deviations from the mean, scaled by the span of the group, so that squares neither overflow nor vanish."""
    offsets, low, high = _above_lowest(xp, scores * SHRINK, mask)
    span = high - low
    tied = (high == low) | (span <= tolerance * SHRINK)
    unit = where_else(xp, ~tied, span, 1.0)
    # The mean is subtracted before the division, so that the quotient is rounded as a deviation and not as the larger
    # offset. A second pass removes the rounding error of the mean.
    centred = _subtract_mean(xp, offsets, mask)
    return Deviations(_subtract_mean(xp, centred / unit, mask), unit, tied)


def tilted_softmax(
    xp: Namespace,
    log_probs: Array,
    scores: Array | None = None,
    mask: Array | None = None,
    *,
    eta: float = 1.0,
    standardizer: Standardizer | None = None,
) -> Array:
    """`softmax(log_probs + u / eta)` over the group, `[..., K]`; `u` is 0 without a standardizer."""
    if mask is not None:
        log_probs = where_else(xp, mask, log_probs, -math.inf)
    below_top = log_probs - _finite_max(xp, log_probs)
    if standardizer is None:
        return _shares(xp, xp.exp(below_top))
    possible, divisor = log_probs != -math.inf, within_range(xp, log_probs, eta)
    tilt = standardizer.fast(xp, scores, mask)
    if not standardizer.bounded:
        # Shifted to a maximum of 0 and cut off far below it, since the quotient may be beyond the range.
        tilt = (tilt - _finite_max(xp, where_else(xp, possible, tilt, -math.inf))) * min(divisor / eta, 1.0)
        farthest = SMALL * float(xp.finfo(tilt.dtype).max) * min(divisor, 1.0)
        tilt = xp.maximum(tilt, xp.full_like(tilt, -farthest))
    exponents = where_else(xp, possible, below_top + tilt / divisor, -math.inf)
    return _shares(xp, xp.exp(exponents - _finite_max(xp, exponents)))


def _shares(xp: Namespace, masses: Array) -> Array:
    """Normalize masses to sum to 1 over the group; all 0 stays 0."""
    total = _sum(xp, masses)
    shares = masses / where_else(xp, total != 0, total, 1.0)
    # A compiler may turn the division into a product and fuse it with the `p - q` that follows, which rounds p and q
    # differently. A minimum in between changes no value, and makes the product round first.
    return xp.minimum(shares, xp.ones_like(shares))


def _finite_max(xp: Namespace, values: Array) -> Array:
    """The maximum over the group, or 0 if all values are `-inf`."""
    top = xp.max(values, axis=-1, keepdims=True)
    return where_else(xp, top != -math.inf, top, 0.0)


def _above_lowest(xp: Namespace, scores: Array, mask: Array | None) -> tuple[Array, Array, Array]:
    """Return scores minus their group's minimum (0 in masked slots), that minimum, and the maximum."""
    if mask is None:
        low = -_highest(xp, -scores)
    else:
        low = -_highest(xp, where_else(xp, mask, -scores, -math.inf))
        low = where_else(xp, xp.any(mask, axis=-1, keepdims=True), low, 0.0)
        scores = xp.where(mask, scores, low)
    return scores - low, low, _highest(xp, scores)


def _highest(xp: Namespace, values: Array) -> Array:
    """The maximum over the group, `[..., 1]`; 0 for groups without slots."""
    return (xp.max if values.shape[-1] else xp.sum)(values, axis=-1, keepdims=True)


def _mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    """The mean over the group's valid slots; `values` must be 0 in the others."""
    total = _sum(xp, values)
    if mask is None:
        return total / values.shape[-1]
    number = count(xp, mask, values)
    return total / where_else(xp, number > 0, number, 1.0)


def _sum(xp: Namespace, values: Array) -> Array:
    """The sum over the group, `[..., 1]`.

    Long axes are folded in halves: some libraries add sequentially, whose error grows with the group.
    """
    while (size := values.shape[-1]) > LONGEST_SUM:
        half = size // 2
        folded = values[..., :half] + values[..., half : 2 * half]
        values = xp.concat([folded, values[..., 2 * half :]], axis=-1) if size % 2 else folded
    return xp.sum(values, axis=-1, keepdims=True)


def _subtract_mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    centred = values - _mean(xp, values, mask)
    return centred if mask is None else where_else(xp, mask, centred, 0.0)
