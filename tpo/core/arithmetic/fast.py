"""The fast tier: the plain formulas, made safe. The error in `q` stays below 8 machine epsilons.

Inputs are floating, at least float32, checked and constant already. Tied groups give exactly 0, impossible and masked
candidates exactly 0; NaN stays NaN, in its group only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arithmetic.limits import within_range
from tpo.core.arrays.elementwise import count, where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.standardizer import Standardizer

SHRINK = 0.0625
"""Scores are multiplied by it before their span is taken: neither the span nor its reciprocal leaves the range."""

SMALL = 2.0**-20
"""The share of the range within which scores are centred as they are, and what larger ones are multiplied by first."""

ADDED_IN_A_ROW = 16
"""Numbers; more are folded first."""


class Deviations(NamedTuple):
    """Scores about the mean of their group, in units of the group's span.

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
    """Standardized scores, `[..., K]`; `tpo.core.standardizers.ZScore` says what the options mean."""
    centred, unit, tied = deviations(xp, scores, mask, tolerance)
    variance = _mean(xp, centred * centred, mask)
    deviation = xp.sqrt(where_else(xp, ~tied, variance, 1.0))
    if floor:
        # Neither side of the comparison can overflow: it is made in units of the span.
        deviation = xp.maximum(deviation, floor * SHRINK / unit)
    return where_else(xp, ~tied, centred / deviation, 0.0)


def centre(xp: Namespace, scores: Array, mask: Array | None = None) -> Array:
    """Scores minus their group's mean; exactly 0 where the group is tied. `[..., K]`, masked slots 0.

    Kept within 2**-20 of the largest number, so that what follows does not overflow either.
    """
    largest = float(xp.finfo(scores.dtype).max)
    size = _highest(xp, xp.abs(scores if mask is None else where_else(xp, mask, scores, 0.0)))
    # Near the end of the range differences and sums would overflow. A power of two changes no digit.
    shrink = where_else(xp, size <= SMALL * largest, xp.ones_like(size), SMALL)
    centred = _subtract_mean(xp, _above_lowest(xp, scores * shrink, mask)[0], mask)
    bound = SMALL * largest * shrink
    return xp.minimum(xp.maximum(centred, -bound), bound) / shrink


def deviations(xp: Namespace, scores: Array, mask: Array | None, tolerance: float = 0.0) -> Deviations:
    """Scores about their mean, scaled by the span of the group, so that squares neither overflow nor vanish."""
    offsets, low, high = _above_lowest(xp, scores * SHRINK, mask)
    span = high - low
    tied = (high == low) | (span <= tolerance * SHRINK)
    unit = where_else(xp, ~tied, span, 1.0)
    scaled = offsets / unit
    return Deviations(_subtract_mean(xp, _subtract_mean(xp, scaled, mask), mask), unit, tied)


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
    tilted = below_top + standardizer.fast(xp, scores, mask) / within_range(xp, log_probs, eta)
    exponents = where_else(xp, log_probs != -math.inf, tilted, -math.inf)
    return _shares(xp, xp.exp(exponents - _finite_max(xp, exponents)))


def _shares(xp: Namespace, masses: Array) -> Array:
    """Masses over their sum in the group; 0 where all are 0."""
    total = _sum(xp, masses)
    shares = masses / where_else(xp, total != 0, total, 1.0)
    # A compiler may turn the division into a product and fuse that with what follows, `p - q`, which rounds p and
    # q differently. A minimum in between, which changes nothing else, makes it round first.
    return xp.minimum(shares, xp.ones_like(shares))


def _finite_max(xp: Namespace, values: Array) -> Array:
    """The maximum over the group, or 0 where all of it is `-inf`."""
    top = xp.max(values, axis=-1, keepdims=True)
    return where_else(xp, top != -math.inf, top, 0.0)


def _above_lowest(xp: Namespace, scores: Array, mask: Array | None) -> tuple[Array, Array, Array]:
    """Scores minus the lowest of their group (masked slots 0), the lowest and the highest."""
    if mask is None:
        low = -_highest(xp, -scores)
    else:
        low = -_highest(xp, where_else(xp, mask, -scores, -math.inf))
        low = where_else(xp, xp.any(mask, axis=-1, keepdims=True), low, 0.0)
        scores = xp.where(mask, scores, low)
    return scores - low, low, _highest(xp, scores)


def _highest(xp: Namespace, values: Array) -> Array:
    """The maximum over the group, `[..., 1]`; 0 where groups have no slots."""
    return (xp.max if values.shape[-1] else xp.sum)(values, axis=-1, keepdims=True)


def _mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    """The mean over the group's valid slots; `values` are 0 in the others."""
    total = _sum(xp, values)
    if mask is None:
        return total / values.shape[-1]
    number = count(xp, mask, values)
    return total / where_else(xp, number > 0, number, 1.0)


def _sum(xp: Namespace, values: Array) -> Array:
    """The sum over the group, `[..., 1]`.

    Folded in halves while it is long: some libraries add one number after the other, whose error grows with the group.
    """
    while (size := values.shape[-1]) > ADDED_IN_A_ROW:
        half = size // 2
        folded = values[..., :half] + values[..., half : 2 * half]
        values = xp.concat([folded, values[..., 2 * half :]], axis=-1) if size % 2 else folded
    return xp.sum(values, axis=-1, keepdims=True)


def _subtract_mean(xp: Namespace, values: Array, mask: Array | None) -> Array:
    centred = values - _mean(xp, values, mask)
    return centred if mask is None else where_else(xp, mask, centred, 0.0)
