"""Double-word arithmetic: numbers as unevaluated sums `high + low` of two floats, in any Array API library.

Only `+ - *`, comparisons, `min max where sum round floor take` are used, with every rounding pinned down, so that all
libraries give the same bits. The hazards, and how each is avoided:

- a compiler may fuse `a * b + c` into one rounding. An inexact product that is added to something goes through
  `fence`, a minimum with a bound it never reaches;
- a compiler may replace a division by a product with a reciprocal, and square roots are not correctly rounded
  everywhere: both are computed here by Newton's iteration;
- sums depend on their order: `total` makes every partial sum exact, and therefore equal in any order;
- small numbers may be flushed to 0: callers scale by powers of two to stay far from them.

Eager libraries take as long to start an operation as to compute it, so operations are kept few: adding or multiplying
by a single word has a function of its own, instead of a second word that is 0.

Source: Dekker 1971; Knuth 1969, section 4.2.2; Demmel and Nguyen 2015 for sums that do not depend on their order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arrays.elementwise import constants

if TYPE_CHECKING:
    from tpo.core.arithmetic.formats import Format
    from tpo.core.arrays.typing import Array, Namespace


LONGEST_SUM = 256
"""The most terms of a sum whose chunks of bits are added in single words: with more, chunks would have too few bits."""


class Pair(NamedTuple):
    """An array `high + low`, with `low` at most half a unit in the last place of `high`."""

    high: Array
    low: Array


def two_sum(a: Array, b: Array) -> Pair:
    """`a + b` exactly (Knuth)."""
    total = a + b
    b_part = total - a
    return Pair(total, (a - (total - b_part)) + (b - b_part))


def fast_two_sum(a: Array, b: Array) -> Pair:
    """`a + b` exactly (Dekker), if `a` is 0 or not smaller than `b` in magnitude."""
    total = a + b
    return Pair(total, b - (total - a))


def add(a: Pair, b: Pair) -> Pair:
    """`a + b` to about twice the working precision, relative to the larger operand."""
    total, error = two_sum(a.high, b.high)
    return fast_two_sum(total, error + (a.low + b.low))


def add_word(a: Pair, b: Array) -> Pair:
    """`a + b` for a single-word `b`."""
    total, error = two_sum(a.high, b)
    return fast_two_sum(total, error + a.low)


def negative(a: Pair) -> Pair:
    """Negate: `-a`."""
    return Pair(-a.high, -a.low)


def scale(a: Pair, power: Array) -> Pair:
    """`a` times a power of two, exactly."""
    return Pair(a.high * power, a.low * power)


def split_constant(value: Fraction, fmt: Format) -> tuple[float, float]:
    """The high and low word of an exact number."""
    high = _round(value, fmt)
    return high, _round(value - Fraction(high), fmt)


def _round(value: Fraction, fmt: Format) -> float:
    """Round to the nearest number of `fmt`, ties to even; for numbers in its normal range."""
    if value == 0:
        return 0.0
    exponent = math.frexp(float(value))[1] - fmt.bits
    return float(round(value / Fraction(2) ** exponent) * Fraction(2) ** exponent)


@dataclass(frozen=True)
class Arithmetic:
    """Products, sums and functions of double-word numbers in one array library and format.

    Attributes:
        xp: The library.
        fmt: The format of every array passed in.
        powers: The powers of two of the format, from the smallest normal one on.
        zero: 0, an array `[1]` like the constants below: broadcasting one takes a fraction of the time of filling an
            array with it.
        one: 1.
        huge: `fmt.huge`.
        lowest: Minus infinity.
        unknown: NaN.
        limit: The largest exponent that `normalizer` returns.
    """

    xp: Namespace
    fmt: Format
    powers: Array
    zero: Array
    one: Array
    huge: Array
    lowest: Array
    unknown: Array
    limit: Array

    @classmethod
    def beside(cls, xp: Namespace, fmt: Format, like: Array) -> Arithmetic:
        """Create the arithmetic of `fmt` with its constants on the device of `like`."""
        table, size = constants(xp, fmt.table, like), len(fmt.table)
        return cls(xp, fmt, table, *(table[i : i + 1] for i in range(size - len(fmt.singles), size)))

    def fence(self, product: Array, bound: Array | None = None) -> Array:
        """`product` unchanged, but rounded before anything is added to it, so that no compiler fuses the two.

        `bound` must exceed it; give one where `fmt.huge` may not.
        """
        return self.xp.minimum(product, self.huge if bound is None else bound)

    def choose(self, condition: Array, a: Pair, otherwise: Array) -> Pair:
        """`a` where `condition` holds, the single-word `otherwise` elsewhere."""
        where = self.xp.where
        return Pair(where(condition, a.high, otherwise), where(condition, a.low, self.zero))

    def two_product(self, a: Array, b: Array) -> Pair:
        """`a * b` exactly."""
        product = self.fence(a * b)
        a_high, a_low = self._halves(a)
        b_high, b_low = self._halves(b)
        return Pair(product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low)

    def two_square(self, a: Array) -> Pair:
        """`a * a` exactly."""
        product = self.fence(a * a)
        high, low = self._halves(a)
        across = high * low
        return Pair(product, ((high * high - product) + across + across) + low * low)

    def _halves(self, a: Array) -> tuple[Array, Array]:
        # Products of the halves are exact, so that it does not matter whether a compiler fuses their sums.
        spread = self.fence(a * self.fmt.splitter)
        high = spread - (spread - a)
        return high, a - high

    def multiply(self, a: Pair, b: Pair) -> Pair:
        """`a * b` to about twice the working precision."""
        product, error = self.two_product(a.high, b.high)
        return fast_two_sum(product, error + (self.fence(a.high * b.low) + self.fence(a.low * b.high)))

    def multiply_word(self, a: Pair, b: Array) -> Pair:
        """`a * b` for a single-word `b`."""
        product, error = self.two_product(a.high, b)
        return fast_two_sum(product, error + self.fence(a.low * b))

    def square(self, a: Pair) -> Pair:
        """`a * a` to about twice the working precision."""
        product, error = self.two_square(a.high)
        across = self.fence(a.high * a.low)
        return fast_two_sum(product, error + (across + across))

    def constant(self, value: Fraction, like: Array) -> Pair:
        """An exact number rounded to a double word, in the shape of `like`."""
        high, low = split_constant(value, self.fmt)
        return Pair(self.xp.full_like(like, high), self.xp.full_like(like, low))

    def power_of_two(self, exponent: Array) -> Array:
        """`2 ** exponent` exactly, for whole numbers in the normal range."""
        xp = self.xp
        indices = xp.astype(xp.reshape(exponent, (-1,)), xp.int32) - self.fmt.lowest_exponent
        return xp.reshape(xp.take(self.powers, indices, axis=0), exponent.shape)

    def normalizer(self, size: Array) -> Array:
        """The integer `k` with `1 <= size * 2**k < 2`, limited near the ends of the range; arbitrary for 0 and NaN."""
        xp = self.xp
        size = xp.where((size > 0) & (size < math.inf), size, self.one)
        guess = self.limited(-xp.floor(xp.log2(size)))
        scaled = size * self.power_of_two(guess)
        exponent = xp.where(scaled >= 2, guess - 1, xp.where(scaled < 1, guess + 1, guess))  # noqa: PLR2004
        return self.limited(exponent)

    def limited(self, exponent: Array) -> Array:
        """Clamp an exponent to the powers of two that numbers can be scaled by."""
        # Not `clip`: it takes NumPy ten times as long.
        return self.xp.maximum(self.xp.minimum(exponent, self.limit), -self.limit)

    def reciprocal(self, a: Pair) -> Pair:
        """`1 / a` for `a > 0`."""
        power = self.power_of_two(self.normalizer(a.high))
        a = scale(a, power)
        # The error of the first guess is at most .086 for `a` in [1, 2), and each iteration squares it.
        y = 1.4571 - 0.5 * a.high
        for _ in range(self.fmt.newton_steps):
            y = y + self.fence(y * (1 - self.fence(a.high * y)))
        residual = _missing_to_one(self.multiply_word(a, y))
        return scale(fast_two_sum(y, self.fence(y * residual)), power)

    def inverse_sqrt(self, a: Pair) -> Pair:
        """`1 / sqrt(a)` for `a > 0`."""
        power = self.power_of_two(self.xp.floor(0.5 * self.normalizer(a.high)))
        a = scale(a, power * power)
        # The error of the first guess is at most .108 for `a` in [.5, 2). An iteration squares it and multiplies it by
        # 1.5, so that one more than for a reciprocal is needed.
        y = 1.55 - self.fence(0.45 * a.high)
        for _ in range(self.fmt.newton_steps + 1):
            y = y + self.fence(0.5 * y * (1 - self.fence(self.fence(a.high * y) * y)))
        residual = _missing_to_one(self.multiply_word(self.multiply_word(a, y), y))
        return scale(fast_two_sum(y, self.fence(0.5 * y * residual)), power)

    def total(self, a: Pair, bound: Array, count_power: Array) -> Pair:
        """The sum over the last axis (kept, with length 1), whose bits do not depend on the order of the terms.

        Args:
            a: `[..., K]`, 0 in slots that do not count.
            bound: `[..., 1]`, at least the largest magnitude in `a.high`.
            count_power: `[..., 1]`, a power of two that is at least the number of terms.
        """
        if a.high.shape[-1] > LONGEST_SUM:
            return self._long_total(a, bound, count_power)
        sums = self.xp.sum(self._chunks(a, bound, count_power, self.fmt.sum_levels), axis=-1, keepdims=True)
        result = two_sum(sums[0, ...], sums[1, ...])
        for level in range(2, self.fmt.sum_levels):
            result = add_word(result, sums[level, ...])
        return fast_two_sum(*result)

    def _long_total(self, a: Pair, bound: Array, count_power: Array) -> Pair:
        """`total` with more slots: sums of `LONGEST_SUM` chunks are exact, and so are sums of these in double words.

        With more terms than that, remainders add up to more, so that one more chunk counts. With fewer terms it does
        not, so that masked slots do not change the bits.
        """
        longest, levels = LONGEST_SUM * self.one, self.fmt.sum_levels + 1
        chunks = self._chunks(a, bound, self.xp.minimum(count_power, longest), levels)
        sums = self._sum_of_blocks(chunks)
        result = Pair(sums.high[0, ...], sums.low[0, ...])
        for level in range(1, levels - 1):
            result = add(result, Pair(sums.high[level, ...], sums.low[level, ...]))
        last = Pair(sums.high[-1, ...], sums.low[-1, ...])
        return add(result, self.choose(count_power > longest, last, self.zero))

    def _chunks(self, a: Pair, bound: Array, count_power: Array, levels: int) -> Array:
        """Split terms into chunks of their bits, `[levels, ..., K]`; the arguments are those of `total`.

        The chunks of one level are multiples of the same power of two, so small that `count_power` of them add up
        exactly.
        """
        # `shift` is so much larger than the terms that their leading bits are cut off at its last place.
        spacing = 2 * count_power
        shift, finer = spacing * bound, spacing * 2.0 ** (1 - self.fmt.bits)
        rest, below = a
        parts = [(shift + rest) - shift]
        for _ in range(1, levels):
            # The remainders of the high words are as small as the low words by now; the two are added.
            rest, below = two_sum(rest - parts[-1], below)
            shift = shift * finer
            parts.append((shift + rest) - shift)
        return self.xp.stack(parts)

    def _sum_of_blocks(self, chunks: Array) -> Pair:
        """The exact sum over the last axis (kept, with length 1) of more than `LONGEST_SUM` chunks."""
        xp = self.xp
        blocks = _padded(xp, chunks, LONGEST_SUM)
        blocks = xp.reshape(blocks, (*blocks.shape[:-1], -1, LONGEST_SUM))
        high = xp.sum(blocks, axis=-1)
        sums = Pair(high, 0 * high)
        while sums.high.shape[-1] > 1:
            even = Pair(*(_padded(xp, word, 2) for word in sums))
            half = even.high.shape[-1] // 2
            sums = add(
                Pair(even.high[..., :half], even.low[..., :half]), Pair(even.high[..., half:], even.low[..., half:])
            )
        return sums

    def exp(self, x: Pair, shift: int) -> Pair:
        """`exp(x) * 2**shift`, for `x <= 0` and a result in the normal range."""
        xp, fmt = self.xp, self.fmt
        # The bound depends on data: a compiler could move a constant bound out of the polynomial and then fuse.
        bound = xp.abs(x.high) + fmt.huge
        n = xp.round(x.high * math.log2(math.e))
        low = self.two_product(n, xp.full_like(n, fmt.ln2_low))
        r, r_low = add(two_sum(x.high, -(n * fmt.ln2_high)), Pair(x.low - low.high, -low.low))
        tail = self.fence(1 / math.factorial(fmt.exp_terms) * r, bound) + 1 / math.factorial(fmt.exp_terms - 1)
        for k in range(fmt.exp_terms - 2, 2, -1):
            tail = self.fence(tail * r, bound) + 1 / math.factorial(k)
        square, square_low = self.two_square(r)
        cubic = self.fence(self.fence(square * r, bound) * tail, bound)
        # exp(x) - 1 first, and then plus 1: a literal 1 inside two_sum would be folded away.
        less_one = add(Pair(r, r_low + self.fence(r * r_low, bound)), Pair(0.5 * square, 0.5 * square_low + cubic))
        power = self.power_of_two(n + shift)
        return add(Pair(power, 0 * power), scale(less_one, power))


def _padded(xp: Namespace, terms: Array, multiple: int) -> Array:
    """Append zeros to the last axis, up to a multiple of a length."""
    lacking = -terms.shape[-1] % multiple
    return xp.concat([terms, 0 * terms[..., :lacking]], axis=-1) if lacking else terms


def _missing_to_one(product: Pair) -> Array:
    return (1 - product.high) - product.low
