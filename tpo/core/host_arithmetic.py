"""Double words on NumPy, in fewer operations and with the same bits.

NumPy computes each operation on its own, so that nothing is fused and there is nothing to fence; it takes exponents out
of numbers; and it has float64, in which the product of two numbers of float32 is exact.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import array_api_compat.numpy as host
import numpy as np

from tpo.core.double_word import Arithmetic, Pair
from tpo.core.formats import DOUBLE, SINGLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.formats import Format
    from tpo.core.ops import Array, Namespace


class HostArithmetic(Arithmetic):
    """Any format on NumPy."""

    def fence(self, product: Array, bound: Array | None = None) -> Array:
        """The product, which is rounded already."""
        del bound
        return product

    def power_of_two(self, exponent: Array) -> Array:
        """From the table, in the shape of `exponent` at once."""
        return self.powers.take(exponent.astype(np.int32) - self.fmt.lowest_exponent)

    def normalizer(self, size: Array) -> Array:
        """By `frexp`."""
        _, exponent = np.frexp(np.where((size > 0) & (size < math.inf), size, self.one))
        return self.limited((1 - exponent).astype(size.dtype))


class HostSingle(HostArithmetic):
    """Float32 on NumPy."""

    def two_product(self, a: Array, b: Array) -> Pair:
        """By way of float64, which holds the product exactly."""
        product = a * b
        return Pair(product, (a.astype(np.float64) * b - product).astype(np.float32))

    def two_square(self, a: Array) -> Pair:
        """The same."""
        return self.two_product(a, a)


ARITHMETICS: Mapping[tuple[Namespace, Format], type[Arithmetic]] = {
    (host, SINGLE): HostSingle,
    (host, DOUBLE): HostArithmetic,
}
"""What is faster than `Arithmetic`, by library and format."""
