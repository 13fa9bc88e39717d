"""What the loop of every backend that differentiates does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from tpo.backends import Autodiff


class ScanSuite:
    """Tests of `Autodiff.scan`; `AutodiffSuite` includes them."""

    @pytest.mark.parametrize("length", [5, 1, 0])
    def test_scan_of_an_array(self, wide: Autodiff, length: int) -> None:
        """The carry goes from step to step, the results are stacked; those of no steps are empty, in their shape."""
        xs = wide.asarray(np.arange(1.0, length + 1))
        total, products = wide.scan(lambda carry, x: (carry + x, carry * x), wide.asarray(np.zeros(2)), xs)
        before = np.cumsum(np.arange(length))
        check_equal(wide, total, [length * (length + 1) / 2] * 2)
        check_equal(wide, products, np.stack([before * np.arange(1, length + 1)] * 2, axis=-1))

    def test_scan_of_tuples(self, wide: Autodiff) -> None:
        """Each result is stacked on its own."""
        xs = wide.asarray(np.arange(6.0).reshape(3, 2)), wide.asarray(np.asarray([1, 2, 3], np.int32))

        def step(carry: Any, x: Any) -> Any:
            rows, number = x
            return {"total": carry["total"] + rows * number}, (carry["total"], number * number)

        carry, (totals, squares) = wide.scan(step, {"total": 0 * xs[0][0, :]}, xs)
        check_equal(wide, carry["total"], [16, 22])
        check_equal(wide, totals, [[0, 0], [0, 1], [4, 7]])
        check_equal(wide, squares, [1, 4, 9])

    def test_scan_of_tuples_without_steps(self, wide: Autodiff) -> None:
        """Nothing is carried anywhere, and every result is empty."""
        xs = wide.asarray(np.zeros((0, 2))), wide.asarray(np.zeros((0,), np.int32))
        carry, (rows, numbers) = wide.scan(lambda c, x: (c + x[1], (x[0], x[1])), wide.asarray(np.asarray([7.0])), xs)
        check_equal(wide, carry, [7])
        check_equal(wide, rows, np.zeros((0, 2)))
        check_equal(wide, numbers, np.zeros(0))

    def test_a_gradient_flows_through_scan(self, wide: Autodiff) -> None:
        """Through the carry and through the results."""
        xs = wide.asarray(np.asarray([2.0, 3.0, 5.0]))

        def product(start: Any) -> Any:
            last, partial = wide.scan(lambda carry, x: (carry * x, carry), start, xs)
            return last + wide.namespace().sum(partial)

        value, pull = wide.vjp(product, wide.asarray(np.asarray(7.0)))
        check_equal(wide, value, 7 * (30 + 1 + 2 + 6))
        check_equal(wide, pull(wide.namespace().ones_like(value)), 39)


def check_equal(autodiff: Autodiff, array: Any, expected: Any) -> None:
    """Fail unless `array` has the numbers and the shape of `expected`."""
    np.testing.assert_array_equal(autodiff.to_numpy(array), expected, strict=False)
    assert tuple(array.shape) == np.shape(expected)
