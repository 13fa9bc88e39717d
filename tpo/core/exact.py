"""The exact tier: `u` within .65 and `q` within .55 units in the last place, and the same bits in every library.

Each function has a namesake in `tpo.core.fast`, which is the plain formula and easier to read. What the results do not
depend on, bit for bit: the library, compilation, the order of the candidates, masked slots, the groups beside, and a
power of two that multiplies all scores.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.double_word import DOUBLE, FORMATS, SINGLE, Arithmetic, Pair, add, choose, negative, scale, two_sum
from tpo.core.ops import constants, count

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace
    from tpo.core.standardizers import Standardizer

CARRIED = {SINGLE: 60, DOUBLE: 500}
"""Powers of two that exponentials are scaled by, so that no low word comes near the smallest normal number."""

STEEPEST = {SINGLE: Fraction(2) ** 100, DOUBLE: Fraction(2) ** 900}
"""`1 / eta` is kept below this and above its reciprocal, where a target is one-hot or untilted already."""

FLOOR_REACH = 40.0
"""A floor more than this many powers of two from the deviation is above it, or below it, whatever the rest."""


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


class Deviations(NamedTuple):
    """Scores about the mean of their group, times the count and a power of two.

    Attributes:
        values: `[..., K]` pairs, 0 in masked slots.
        size: `[..., 1]` pairs: how many candidates, 1 for an empty group.
        inverse_size: `[..., 1]` pairs.
        bound: `[..., 1]` more than any magnitude in `values`.
        exponent: `[..., 1]` of the power of two that `values` are multiplied by.
        members: Of the groups.
        untied: `[..., 1]` boolean.
    """

    values: Pair
    size: Pair
    inverse_size: Pair
    bound: Array
    exponent: Array
    members: Members
    untied: Array


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
    w, group = arithmetic_for(xp, log_probs), members(xp, log_probs, mask)
    possible = group.valid & (log_probs != -math.inf)
    if standardizer is None:
        return _softmax(w, log_probs, None, group, possible)
    tilt = standardizer.exact(xp, scores, mask)
    if eta != 1:
        slope = min(max(1 / Fraction(eta), 1 / STEEPEST[w.fmt]), STEEPEST[w.fmt])
        tilt = w.multiply(tilt, w.constant(slope, scores))
        # Down from the highest: a steep tilt would swallow the differences of log-probs beside it.
        tilt = add(tilt, negative(_top_pair(xp, tilt, possible)))
    return _softmax(w, log_probs, tilt, group, possible)


def z_score(
    xp: Namespace, scores: Array, mask: Array | None = None, *, tolerance: float = 0.0, floor: float = 0.0
) -> Pair:
    """Standardized scores, `[..., K]`; `tpo.core.standardizers.ZScore` says what the options mean."""
    w = arithmetic_for(xp, scores)
    found = deviations(w, scores, mask, tolerance)
    valid = found.untied & found.members.valid
    squares = w.multiply(found.values, found.values)
    total = w.total(squares, w.fence(found.bound * found.bound), found.members.power)
    variance = w.multiply(total, found.inverse_size)
    root = w.inverse_sqrt(choose(xp, found.untied, variance, 1.0))
    standard = w.multiply(found.values, root)
    if not floor:
        return choose(xp, valid, standard, 0.0)
    mantissa, exponent = math.frexp(floor)
    least = w.fence(mantissa * w.power_of_two(xp.clip(found.exponent + exponent, -FLOOR_REACH, FLOOR_REACH)))
    least = w.fence(least * found.size.high)
    spread = variance.high >= w.fence(least * least)
    divisor = w.multiply(found.size, w.constant(Fraction(mantissa), found.size.high))
    floored = scaled_back(w, found, divisor, exponent, most=FLOOR_REACH)
    return choose(xp, valid, either(xp, spread, standard, floored), 0.0)


def centre(xp: Namespace, scores: Array, mask: Array | None = None, *, leave_out: int = 0) -> Pair:
    """Scores minus their mean, `[..., K]`; with `leave_out=1` minus the mean of the others."""
    w = arithmetic_for(xp, scores)
    found = deviations(w, scores, mask)
    divisor = add(found.size, w.constant(Fraction(-leave_out), found.size.high))
    divisor = choose(xp, divisor.high > 0, divisor, 1.0)
    return choose(xp, found.untied & found.members.valid, scaled_back(w, found, divisor), 0.0)


def arithmetic_for(xp: Namespace, like: Array) -> Arithmetic:
    """Double words of the dtype of `like`."""
    fmt = FORMATS[xp.finfo(like.dtype).bits]
    return Arithmetic(xp, fmt, constants(xp, fmt.powers, like))


def members(xp: Namespace, like: Array, mask: Array | None) -> Members:
    """The members of groups shaped like `like`: all slots, or those in the mask."""
    # Compared with itself: true as data, so that no compiler computes with the constant ahead of time.
    valid = (like == like) | (like != like) if mask is None else mask  # noqa: PLR0124
    number = count(xp, valid, like)
    power, size = xp.ones_like(number), 1
    while size < like.shape[-1]:
        power = xp.where(number > size, 2 * power, power)
        size *= 2
    return Members(valid, number, power)


def deviations(w: Arithmetic, scores: Array, mask: Array | None, tolerance: float = 0.0) -> Deviations:
    """`n d - sum(d)` with `d` the scores, scaled by powers of two, less about their mean."""
    xp = w.xp
    group = members(xp, scores, mask)
    low, high = _extremes(xp, scores, group)
    untied = (low != high) & ~(high - low <= tolerance) if tolerance else low != high
    scores = xp.where(group.valid, scores, low)
    first = w.normalizer(xp.maximum(xp.abs(low), xp.abs(high)))
    power = w.power_of_two(first)
    low, high = low * power, high * power
    offsets, span = two_sum(scores * power, -low), two_sum(high, -low)
    second = w.normalizer(span.high)
    power = w.power_of_two(second)
    offsets, span = scale(offsets, power), scale(span, power)
    size = Pair(xp.where(group.count > 0, group.count, xp.ones_like(low)), xp.zeros_like(low))
    inverse_size = w.reciprocal(size)
    # Measured from about the mean: what lies close to it then has all its digits.
    middle = w.fence(w.total(offsets, span.high, group.power).high * inverse_size.high)
    offsets = choose(xp, group.valid, add(offsets, Pair(-middle, xp.zeros_like(middle))), 0.0)
    furthest = xp.maximum(span.high - middle, middle) * 1.5
    values = add(w.multiply(offsets, size), negative(w.total(offsets, furthest, group.power)))
    values = choose(xp, group.valid, values, 0.0)
    return Deviations(values, size, inverse_size, 2 * furthest * size.high, first + second, group, untied)


def scaled_back(w: Arithmetic, found: Deviations, divisor: Pair, exponent: int = 0, most: float = math.inf) -> Pair:
    """The deviations in units of the scores, over `divisor * 2**exponent`; no power of two above `most` is used."""
    farthest = -2.0 * w.fmt.lowest_exponent
    back = w.xp.clip(-(found.exponent + exponent), -farthest, min(most, farthest))
    first = w.xp.floor(0.5 * back)
    quotient = w.multiply(found.values, w.reciprocal(divisor))
    return scale(scale(quotient, w.power_of_two(first)), w.power_of_two(back - first))


def either(xp: Namespace, condition: Array, a: Pair, b: Pair) -> Pair:
    """`a` where `condition` holds, `b` elsewhere."""
    return Pair(xp.where(condition, a.high, b.high), xp.where(condition, a.low, b.low))


def _extremes(xp: Namespace, scores: Array, group: Members) -> tuple[Array, Array]:
    """The lowest and highest valid score of each group, `[..., 1]`; 0 and 0 where there is none."""
    low = xp.min(xp.where(group.valid, scores, xp.full_like(scores, math.inf)), axis=-1, keepdims=True)
    high = xp.max(xp.where(group.valid, scores, xp.full_like(scores, -math.inf)), axis=-1, keepdims=True)
    return xp.where(group.count > 0, low, xp.zeros_like(low)), xp.where(group.count > 0, high, xp.zeros_like(high))


def _softmax(w: Arithmetic, log_probs: Array, tilt: Pair | None, group: Members, possible: Array) -> Array:
    xp, shift = w.xp, CARRIED[w.fmt]
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


def _top_pair(xp: Namespace, values: Pair, possible: Array) -> Pair:
    """The maximum over the possible candidates of the group, or 0 where there is none."""
    nothing = xp.full_like(values.high, -math.inf)
    high = _top(xp, xp.where(possible, values.high, nothing))
    # Among those that share the highest word the lower one decides.
    return Pair(high, _top(xp, xp.where(possible & (values.high == high), values.low, nothing)))
