"""Binary floating-point formats, and what the exact tier is tuned to in each."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Format:
    """A binary floating-point format, and what is tuned to it.

    Attributes:
        dtype: Its name in array libraries.
        bits: Of the significand.
        lowest_exponent: Of the smallest normal number, a power of two.
        ln2_high: The natural logarithm of 2 to so few bits that its product with any exponent is exact.
        ln2_low: The rest of it.
        exp_terms: The degree of the Taylor polynomial of the exponential function.
        sum_levels: How often a sum splits off the leading bits of its terms.
        newton_steps: Iterations that double the correct bits of a reciprocal from 3 to all.
    """

    dtype: str
    bits: int
    lowest_exponent: int
    ln2_high: float
    ln2_low: float
    exp_terms: int
    sum_levels: int
    newton_steps: int

    @functools.cached_property
    def splitter(self) -> float:
        """Multiplying by it cuts a significand into halves whose products are exact."""
        return 2.0 ** math.ceil(self.bits / 2) + 1

    @functools.cached_property
    def huge(self) -> float:
        """More than any product here comes to."""
        return 2.0 ** -(self.lowest_exponent + 6)

    @functools.cached_property
    def singles(self) -> tuple[float, ...]:
        """The numbers that arithmetic needs one by one: 0, 1, `huge`, -inf, NaN, the largest exponent it scales by."""
        return 0.0, 1.0, self.huge, -math.inf, math.nan, -3.0 - self.lowest_exponent

    @functools.cached_property
    def table(self) -> np.ndarray[Any, Any]:
        """The powers of two from the smallest normal number to its reciprocal, and behind them `singles`."""
        exponents = range(self.lowest_exponent, 1 - self.lowest_exponent)
        return self.array([*(2.0**exponent for exponent in exponents), *self.singles])

    def array(self, values: Sequence[float]) -> np.ndarray[Any, Any]:
        """Numbers in this format, on the host."""
        return np.asarray(values, self.dtype)


SINGLE = Format(
    dtype="float32",
    bits=24,
    lowest_exponent=-126,
    ln2_high=0.693145751953125,
    ln2_low=1.428606820309417232e-06,
    exp_terms=9,
    sum_levels=3,
    newton_steps=4,
)
DOUBLE = Format(
    dtype="float64",
    bits=53,
    lowest_exponent=-1022,
    ln2_high=6.93147180369123816490e-01,
    ln2_low=1.90821492927058770002e-10,
    exp_terms=14,
    sum_levels=2,
    newton_steps=5,
)
FORMATS = {32: SINGLE, 64: DOUBLE}
"""By the bits of a number."""
