"""Exact arithmetic: errors below .65 ulp in scores `u` and .55 ulp in targets `q`; the same bits in every library.

Each function has a namesake in `fast`, the plain formula, which is easier to read. The bits of a result do not depend
on the library, compilation, the order of the candidates, masked slots, the other groups, or a power of two that
multiplies all scores.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tpo.core.arithmetic.double_word import Arithmetic, Pair, add, add_word, negative, scale, two_sum
from tpo.core.arithmetic.formats import DOUBLE, FORMATS, SINGLE
from tpo.core.arithmetic.host_arithmetic import ARITHMETICS
from tpo.core.arithmetic.members import members

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arithmetic.members import Members
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.standardizing.standardizer import Standardizer

EXP_SHIFT = {SINGLE: 60, DOUBLE: 500}
"""Exponents of the powers of two that scale exponentials, which keeps low words far above the smallest normal
number."""

LARGEST_SLOPE = {SINGLE: Fraction(2) ** 100, DOUBLE: Fraction(2) ** 900}
"""Upper bound on `1 / eta`; the lower bound is its reciprocal. Beyond the bounds a target is one-hot or untilted
anyway."""

PRODUCT_REACH = {SINGLE: (88, 24), DOUBLE: (900, 64)}
"""Two exponents of 2. Products of scores and slope up to 2 to their sum do not overflow. If they may be larger, scores
are first multiplied by 2 to minus the second exponent, and the products cut off at 2 to the first."""

LOWEST_BOUNDED_ETA = 1e-3
"""The lowest temperature at which bounded standardized scores stay far below the size where the low word of a sum
reaches a nat."""

FLOOR_REACH = 40.0
"""Largest exponent of a floor relative to the scores; beyond it, one of floor and deviation is clearly larger."""


FunctionT = TypeVar("FunctionT", bound="Callable[..., Any]")


def same_bits(function: FunctionT) -> FunctionT:
    """Mark a function whose results have the same bits in every library, so that `Ops.run` may pick the library."""
    vars(function)["same_bits"] = True
    return function


class Deviations(NamedTuple):
    """Deviations of scores from their group's mean, times the count and a power of two.

    Attributes:
        values: `[..., K]` double words, 0 in masked slots.
        bound: `[..., 1]` larger than any magnitude in `values`.
        exponent: `[..., 1]` of the power of two that `values` are multiplied by.
        members: The valid slots of the groups and their numbers.
        untied: `[..., 1]` boolean.
    """

    values: Pair
    bound: Array
    exponent: Array
    members: Members
    untied: Array


@same_bits
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
    w = arithmetic_for(xp, log_probs)
    group = members(w, log_probs, mask)
    possible = group.valid & (log_probs != -math.inf)
    if standardizer is None:
        return _softmax(w, log_probs, None, group, possible, far=False)
    u = standardizer.exact(xp, scores, mask)
    tilt = (_divided if standardizer.bounded else _divided_without_overflow)(w, u, eta, possible)
    return _softmax(w, log_probs, tilt, group, possible, far=not standardizer.bounded or eta < LOWEST_BOUNDED_ETA)


def z_score(
    xp: Namespace, scores: Array, mask: Array | None = None, *, tolerance: float = 0.0, floor: float = 0.0
) -> Pair:
    """Standardized scores, `[..., K]`; the options are those of `tpo.core.standardizing.standardizers.ZScore`."""
    w = arithmetic_for(xp, scores)
    found = deviations(w, scores, mask, tolerance)
    valid = found.untied & found.members.valid
    squares = w.square(found.values)
    total = w.total(squares, w.fence(found.bound * found.bound), found.members.power)
    variance = w.multiply(total, found.members.inverse_size)
    root = w.inverse_sqrt(w.choose(found.untied, variance, w.one))
    standard = w.multiply(found.values, root)
    if not floor:
        return w.choose(valid, standard, w.zero)
    mantissa, exponent = math.frexp(floor)
    least = w.fence(mantissa * w.power_of_two(xp.clip(found.exponent + exponent, -FLOOR_REACH, FLOOR_REACH)))
    least = w.fence(least * found.members.size)
    spread = variance.high >= w.fence(least * least)
    divisor = w.multiply_word(w.constant(Fraction(mantissa), found.members.size), found.members.size)
    floored = in_score_units(w, found, divisor, exponent, most=FLOOR_REACH)
    return w.choose(valid, where_pairs(xp, spread, standard, floored), w.zero)


def centre(xp: Namespace, scores: Array, mask: Array | None = None, *, leave_out: int = 0) -> Pair:
    """Scores minus their group's mean, `[..., K]`; with `leave_out=1` minus the mean of the other scores."""
    w = arithmetic_for(xp, scores)
    found = deviations(w, scores, mask)
    others = found.members.size - leave_out
    divisor = Pair(xp.where(others > 0, others, w.one), 0 * others)
    high, low = in_score_units(w, found, divisor)
    # A deviation beyond the range is cut off at its end: an infinite one would make the target NaN.
    fits, largest = xp.abs(high) != math.inf, xp.full_like(high, float(xp.finfo(high.dtype).max))
    cut = Pair(xp.where(fits, high, xp.where(high > 0, largest, -largest)), xp.where(fits, low, w.zero))
    return w.choose(found.untied & found.members.valid, cut, w.zero)


def arithmetic_for(xp: Namespace, like: Array) -> Arithmetic:
    """The double-word arithmetic for the dtype and the library of `like`."""
    fmt = FORMATS[xp.finfo(like.dtype).bits]
    return ARITHMETICS.get(xp, Arithmetic).beside(xp, fmt, like)


def deviations(w: Arithmetic, scores: Array, mask: Array | None, tolerance: float = 0.0) -> Deviations:
    """Deviations from the mean times the count: `n d - sum(d)`, with `d` the scaled scores minus roughly their mean."""
    xp = w.xp
    group = members(w, scores, mask)
    low, high = _extremes(w, scores, group)
    untied = (low != high) & ~(high - low <= tolerance) if tolerance else low != high
    scores = xp.where(group.valid, scores, low)
    first = w.normalizer(xp.maximum(xp.abs(low), xp.abs(high)))
    power = w.power_of_two(first)
    low, high = low * power, high * power
    offsets, span = two_sum(scores * power, -low), two_sum(high, -low)
    second = w.normalizer(span.high)
    power = w.power_of_two(second)
    offsets, span = scale(offsets, power), scale(span, power)
    # Roughly the mean is subtracted first, so that scores close to it keep all their digits.
    middle = w.fence(w.total(offsets, span.high, group.power).high * group.inverse_size.high)
    offsets = w.choose(group.valid, add_word(offsets, -middle), w.zero)
    furthest = xp.maximum(span.high - middle, middle) * 1.5
    values = add(w.multiply_word(offsets, group.size), negative(w.total(offsets, furthest, group.power)))
    values = w.choose(group.valid, values, w.zero)
    return Deviations(values, 2 * furthest * group.size, first + second, group, untied)


def in_score_units(
    w: Arithmetic, found: Deviations, divisor: Pair, exponent: Array | int = 0, most: float = math.inf
) -> Pair:
    """Deviations in units of the scores, divided by `divisor * 2**exponent`; the power of two is at most `2**most`."""
    farthest = -2.0 * w.fmt.lowest_exponent
    back = w.xp.clip(-(found.exponent + exponent), -farthest, min(most, farthest))
    first = w.xp.floor(0.5 * back)
    quotient = w.multiply(found.values, w.reciprocal(divisor))
    return scale(scale(quotient, w.power_of_two(first)), w.power_of_two(back - first))


def where_pairs(xp: Namespace, condition: Array, a: Pair, b: Pair) -> Pair:
    """`where` for double words: `a` where `condition` holds, `b` elsewhere."""
    return Pair(xp.where(condition, a.high, b.high), xp.where(condition, a.low, b.low))


def _extremes(w: Arithmetic, scores: Array, group: Members) -> tuple[Array, Array]:
    """The lowest and highest valid score of each group, `[..., 1]`; 0 and 0 without valid scores."""
    xp, present = w.xp, group.count > 0
    low = xp.min(xp.where(group.valid, scores, -w.lowest), axis=-1, keepdims=True)
    high = xp.max(xp.where(group.valid, scores, w.lowest), axis=-1, keepdims=True)
    return xp.where(present, low, w.zero), xp.where(present, high, w.zero)


def _softmax(
    w: Arithmetic, log_probs: Array, tilt: Pair | None, group: Members, possible: Array, *, far: bool
) -> Array:
    """The softmax of `log_probs + tilt`; `far` says that both may come near the largest number of the format."""
    xp, shift = w.xp, EXP_SHIFT[w.fmt]
    log_probs = xp.where(possible, log_probs, w.lowest)
    top = _top(w, log_probs)
    x = two_sum(xp.where(possible, log_probs, top), -top)
    if tilt is not None:
        x = add(x, tilt)
    x = add_word(x, -_top(w, xp.where(possible, x.high, log_probs)))
    if far:
        # Low words of large numbers can exceed 1, of either sign, so that the maximum is not 0 yet: subtract it again.
        above = _top(w, xp.where(possible, x.high, log_probs))
        x = add_word(x, -xp.where(xp.abs(above) > 1, above, w.zero))
    # Below the normal range the target is 0 by definition: libraries differ in the subnormals that they keep.
    known = x.high <= 1
    reached = possible & known & (x.high >= (w.fmt.lowest_exponent + 1) * math.log(2))
    unknown = xp.any(possible & ~known, axis=-1, keepdims=True)
    masses = w.choose(reached, w.exp(w.choose(reached, x, w.zero), shift), w.zero)
    total = w.total(masses, group.count * 0 + 2.0 ** (shift + 1), group.power)
    inverse = w.reciprocal(w.choose(total.high != 0, total, w.one))
    shares = w.multiply(masses, scale(inverse, 2.0**shift))
    q = (shares.high + shares.low) * 2.0**-shift
    q = xp.where(q < 2.0**w.fmt.lowest_exponent, w.zero, q)
    return xp.where(possible & unknown, w.unknown, q)


def _divided(w: Arithmetic, u: Pair, eta: float, possible: Array) -> Pair:
    """`u / eta`, up to a shift per group."""
    if eta == 1:
        return u
    # Shifted to a maximum of 0: a large tilt would absorb the differences of log-probs that are added to it.
    return _below_top(w, w.multiply(u, w.constant(_slope(w, eta), u.high)), possible)


def _divided_without_overflow(w: Arithmetic, u: Pair, eta: float, possible: Array) -> Pair:
    """`_divided` for numbers of any size.

    In groups where it may overflow, the best candidates are so far ahead that it does not matter by how much: the
    distance of the others is cut off.
    """
    xp, slope, (most, drop) = w.xp, _slope(w, eta), PRODUCT_REACH[w.fmt]
    size = xp.max(xp.where(possible, xp.abs(u.high), w.zero), axis=-1, keepdims=True)
    large = size > float(min(Fraction(2) ** most, Fraction(2) ** (most + drop) / slope))
    behind = _below_top(w, scale(w.choose(large & possible, u, w.zero), 2.0**-drop), possible)
    farthest = float(min(Fraction(2) ** (most + drop), Fraction(2) ** most / slope))
    behind = w.choose(~(behind.high < -farthest), behind, -farthest * w.one)  # NaN stays
    cut_off = scale(w.multiply(behind, w.constant(slope, u.high)), 2.0**drop)
    return where_pairs(xp, large, cut_off, _divided(w, w.choose(~large, u, w.zero), eta, possible))


def _slope(w: Arithmetic, eta: float) -> Fraction:
    """`1 / eta` within its bounds."""
    return min(max(1 / Fraction(eta), 1 / LARGEST_SLOPE[w.fmt]), LARGEST_SLOPE[w.fmt])


def _below_top(w: Arithmetic, values: Pair, possible: Array) -> Pair:
    """Values minus their maximum over the possible candidates of the group."""
    return add(values, negative(_top_pair(w, values, possible)))


def _top(w: Arithmetic, values: Array) -> Array:
    """The maximum over the group, or 0 if all values are `-inf`."""
    top = w.xp.max(values, axis=-1, keepdims=True)
    return w.xp.where(top != -math.inf, top, w.zero)


def _top_pair(w: Arithmetic, values: Pair, possible: Array) -> Pair:
    """The maximum over the possible candidates of the group, or 0 without any."""
    xp = w.xp
    high = _top(w, xp.where(possible, values.high, w.lowest))
    # Among equal high words the largest low word decides.
    return Pair(high, _top(w, xp.where(possible & (values.high == high), values.low, w.lowest)))
