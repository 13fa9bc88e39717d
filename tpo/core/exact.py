"""The exact tier: `u` within .65 and `q` within .55 units in the last place, and the same bits in every library.

Each function has a namesake in `tpo.core.fast`, which is the plain formula and easier to read. What the results do not
depend on, bit for bit: the library, compilation, the order of the candidates, masked slots, the groups beside, and a
power of two that multiplies all scores.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import array_api_compat

from tpo.core.double_word import DOUBLE, FORMATS, SINGLE, Arithmetic, Pair, add, choose, scale, two_sum

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace

CARRIED = {SINGLE: 60, DOUBLE: 500}
"""Powers of two that exponentials are scaled by, so that no low word comes near the smallest normal number."""


class Members(NamedTuple):
    """Which slots of each group count, and how many.

    Attributes:
        valid: `[..., K]` boolean.
        count: `[..., 1]` how many of them there are.
        power: `[..., 1]` the smallest power of two that is not below `count`.
    """

    valid: Array
    count: Array
    power: Array


def z_score(xp: Namespace, scores: Array, mask: Array | None = None) -> Array:
    """Standardized scores, `[..., K]`."""
    arithmetic = arithmetic_for(xp, scores)
    standard = _standardized(arithmetic, scores, members(xp, scores, mask))
    return standard.high + standard.low


def tilted_softmax(
    xp: Namespace, log_probs: Array, scores: Array | None = None, eta: float = 1.0, mask: Array | None = None
) -> Array:
    """`softmax(log_probs + u / eta)` over the group, `[..., K]`; `u` is 0 without scores."""
    arithmetic, group = arithmetic_for(xp, log_probs), members(xp, log_probs, mask)
    if scores is None:
        return _softmax(arithmetic, log_probs, None, group)
    tilt = _standardized(arithmetic, scores, group)
    if eta != 1:
        tilt = arithmetic.multiply(tilt, arithmetic.constant(1 / Fraction(eta), scores))
    return _softmax(arithmetic, log_probs, tilt, group)


def arithmetic_for(xp: Namespace, like: Array) -> Arithmetic:
    """Double words of the dtype of `like`."""
    fmt = FORMATS[xp.finfo(like.dtype).bits]
    limit = -fmt.lowest_exponent
    powers = [2.0**exponent for exponent in range(-limit, limit + 1)]
    return Arithmetic(xp, fmt, xp.asarray(powers, dtype=like.dtype, device=array_api_compat.device(like)))


def members(xp: Namespace, like: Array, mask: Array | None) -> Members:
    """The members of groups shaped like `like`: all slots, or those in the mask."""
    # Compared with itself: true as data, so that no compiler computes with the constant ahead of time.
    valid = (like == like) | (like != like) if mask is None else mask  # noqa: PLR0124
    count = xp.sum(xp.astype(valid, like.dtype), axis=-1, keepdims=True)
    power, size = xp.ones_like(count), 1
    while size < like.shape[-1]:
        power = xp.where(count > size, 2 * power, power)
        size *= 2
    return Members(valid, count, power)


def _standardized(w: Arithmetic, scores: Array, group: Members) -> Pair:
    """`e / sqrt(sum(e**2) / n)` with `e = n d - sum(d)`, and `d` the scores less about their mean."""
    xp = w.xp
    low, high = _extremes(xp, scores, group)
    scores = xp.where(group.valid, scores, low)
    power = w.power_of_two(w.normalizer(xp.maximum(xp.abs(low), xp.abs(high))))
    low, high = low * power, high * power
    offsets, span = two_sum(scores * power, -low), two_sum(high, -low)
    power = w.power_of_two(w.normalizer(span.high))
    offsets, span = scale(offsets, power), scale(span, power)
    count = Pair(xp.where(group.count > 0, group.count, xp.ones_like(low)), xp.zeros_like(low))
    inverse_count = w.reciprocal(count)
    # Measured from about the mean: what lies close to it then has all its digits.
    middle = w.fence(w.total(offsets, span.high, group.power).high * inverse_count.high)
    offsets = choose(xp, group.valid, add(offsets, Pair(-middle, xp.zeros_like(middle))), 0.0)
    furthest = xp.maximum(span.high - middle, middle) * 1.5
    total = w.total(offsets, furthest, group.power)
    deviations = add(w.multiply(offsets, count), Pair(-total.high, -total.low))
    deviations = choose(xp, group.valid, deviations, 0.0)
    squares = w.multiply(deviations, deviations)
    bound = 2 * furthest * count.high
    variance = w.multiply(w.total(squares, w.fence(bound * bound), group.power), inverse_count)
    untied = low != high
    root = w.inverse_sqrt(choose(xp, untied, variance, 1.0))
    return choose(xp, untied & group.valid, w.multiply(deviations, root), 0.0)


def _extremes(xp: Namespace, scores: Array, group: Members) -> tuple[Array, Array]:
    """The lowest and highest valid score of each group, `[..., 1]`; 0 and 0 where there is none."""
    low = xp.min(xp.where(group.valid, scores, xp.full_like(scores, math.inf)), axis=-1, keepdims=True)
    high = xp.max(xp.where(group.valid, scores, xp.full_like(scores, -math.inf)), axis=-1, keepdims=True)
    return xp.where(group.count > 0, low, xp.zeros_like(low)), xp.where(group.count > 0, high, xp.zeros_like(high))


def _softmax(w: Arithmetic, log_probs: Array, tilt: Pair | None, group: Members) -> Array:
    xp, shift = w.xp, CARRIED[w.fmt]
    possible = group.valid & (log_probs != -math.inf)
    log_probs = xp.where(possible, log_probs, xp.full_like(log_probs, -math.inf))
    top = _top(xp, log_probs)
    x = two_sum(xp.where(possible, log_probs, top), -top)
    if tilt is not None:
        x = add(x, tilt)
    top = _top(xp, xp.where(possible, x.high, log_probs))
    x = add(x, Pair(-top, xp.zeros_like(top)))
    # Beyond the normal range the target is 0 by definition: libraries differ in what they keep below it.
    reached = possible & (x.high >= (w.fmt.lowest_exponent + 1) * math.log(2))
    unknown = xp.any(possible & (x.high != x.high), axis=-1, keepdims=True)
    masses = choose(xp, reached, w.exp(choose(xp, reached, x, 0.0), shift), 0.0)
    total = w.total(masses, group.count * 0 + 2.0 ** (shift + 1), group.power)
    inverse = w.reciprocal(choose(xp, total.high != 0, total, 1.0))
    shares = w.multiply(masses, scale(inverse, 2.0**shift))
    q = (shares.high + shares.low) * 2.0**-shift
    q = xp.where(q < 2.0**w.fmt.lowest_exponent, xp.zeros_like(q), q)
    return xp.where(possible & unknown, xp.full_like(q, math.nan), q)


def _top(xp: Namespace, values: Array) -> Array:
    """The maximum over the group, or 0 where all of it is `-inf`."""
    top = xp.max(values, axis=-1, keepdims=True)
    return xp.where(top != -math.inf, top, xp.zeros_like(top))
