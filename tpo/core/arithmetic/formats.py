"""Binary floating-point formats and the constants of the exact tier for each."""

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
    """A binary floating-point format, with the constants that the exact tier uses for it.

    Attributes:
        dtype: Its name in array libraries.
        bits: Bits of the significand.
        lowest_exponent: Exponent of the smallest normal number, a power of two.
        ln2_high: The natural logarithm of 2, rounded to so few bits that its product with any exponent is exact.
        ln2_low: The natural logarithm of 2 minus `ln2_high`.
        exp_terms: The degree of the Taylor polynomial of the exponential function.
        sum_levels: Number of chunks of bits into which a sum splits its terms.
        newton_steps: Newton iterations for a reciprocal; each doubles the correct bits, from 3 to all.
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
        """The factor that splits a significand into two halves whose products are exact (Veltkamp)."""
        return 2.0 ** math.ceil(self.bits / 2) + 1

    @functools.cached_property
    def huge(self) -> float:
        """A number larger than any product that the exact tier computes."""
        return 2.0 ** -(self.lowest_exponent + 6)

    @functools.cached_property
    def singles(self) -> tuple[float, ...]:
        """Scalar constants of `Arithmetic`: 0, 1, `huge`, -inf, NaN, and the largest exponent to scale by."""
        return 0.0, 1.0, self.huge, -math.inf, math.nan, -3.0 - self.lowest_exponent

    @functools.cached_property
    def table(self) -> np.ndarray[Any, Any]:
        """The powers of two from the smallest normal number to its reciprocal, followed by `singles`."""
        exponents = range(self.lowest_exponent, 1 - self.lowest_exponent)
        return self.array([*(2.0**exponent for exponent in exponents), *self.singles])

    def array(self, values: Sequence[float]) -> np.ndarray[Any, Any]:
        """Numbers as a NumPy array of this format."""
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
"""Formats by the number of bits of their dtype."""
