"""Tests of the control flow of a backend that differentiates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff


class ScanSuite:
    """Tests of `Autodiff.scan`; `AutodiffSuite` includes them."""

    @pytest.mark.parametrize("length", [5, 1, 0])
    def test_scan_of_an_array(self, wide: Autodiff, length: int) -> None:
        """The carry is passed on and results are stacked; without steps they are empty and keep their shape."""
        xs = wide.asarray(np.arange(1.0, length + 1))
        total, products = wide.scan(lambda carry, x: (carry + x, carry * x), wide.asarray(np.zeros(2)), xs)
        before = np.cumsum(np.arange(length))
        check_equal(wide, total, [length * (length + 1) / 2] * 2)
        check_equal(wide, products, np.stack([before * np.arange(1, length + 1)] * 2, axis=-1))

    def test_scan_of_tuples(self, wide: Autodiff) -> None:
        """The results in a tuple are stacked separately."""
        xs = wide.asarray(np.arange(6.0).reshape(3, 2)), wide.asarray(np.asarray([1, 2, 3], np.int32))

        def step(carry: Any, x: Any) -> Any:
            rows, number = x
            return {"total": carry["total"] + rows * number}, (carry["total"], number * number)

        carry, (totals, squares) = wide.scan(step, {"total": 0 * xs[0][0, :]}, xs)
        check_equal(wide, carry["total"], [16, 22])
        check_equal(wide, totals, [[0, 0], [0, 1], [4, 7]])
        check_equal(wide, squares, [1, 4, 9])

    def test_scan_of_tuples_without_steps(self, wide: Autodiff) -> None:
        """Without steps the carry is unchanged and every result is empty."""
        xs = wide.asarray(np.zeros((0, 2))), wide.asarray(np.zeros((0,), np.int32))
        carry, (rows, numbers) = wide.scan(lambda c, x: (c + x[1], (x[0], x[1])), wide.asarray(np.asarray([7.0])), xs)
        check_equal(wide, carry, [7])
        check_equal(wide, rows, np.zeros((0, 2)))
        check_equal(wide, numbers, np.zeros(0))

    def test_a_gradient_flows_through_scan(self, wide: Autodiff) -> None:
        """Gradients flow through the carry and through the results."""
        xs = wide.asarray(np.asarray([2.0, 3.0, 5.0]))

        def product(start: Any) -> Any:
            last, partial = wide.scan(lambda carry, x: (carry * x, carry), start, xs)
            return last + wide.namespace().sum(partial)

        value, pull = wide.vjp(product, wide.asarray(np.asarray(7.0)))
        check_equal(wide, value, 7 * (30 + 1 + 2 + 6))
        check_equal(wide, pull(wide.namespace().ones_like(value)), 39)

    @pytest.mark.parametrize("first", [True, False])
    def test_cond_computes_what_the_predicate_says(self, wide: Autodiff, *, first: bool) -> None:
        """`cond` runs one of the two branches, inside and outside compiled functions."""
        x = wide.asarray(np.asarray([3.0, 4.0]))

        def choose(number: Any) -> Any:
            return wide.cond(number == 0, lambda: (x + 1, -x), lambda: (x * 10, x))

        number = wide.asarray(np.asarray(0 if first else 1))
        for function in (choose, wide.compile(choose)):
            sums, signs = function(number)
            check_equal(wide, sums, [4, 5] if first else [30, 40])
            check_equal(wide, signs, [-3, -4] if first else [3, 4])

    def test_a_scan_carries_what_its_first_round_makes(self, wide: Autodiff) -> None:
        """The first step of a scan can replace a placeholder in the carry."""
        xp = wide.namespace()

        def squares(x: Any) -> Any:
            return x * x, xp.sum(x)

        def step(carry: Any, number: Any) -> Any:
            x, kept = carry
            kept = wide.cond(number == 0, lambda: squares(x), lambda: kept)
            return (x + 1, kept), kept[0] + kept[1]

        def run(x: Any) -> Any:
            return wide.scan(step, (x, wide.placeholder(squares, x)), wide.asarray(np.arange(3)))[1]

        check_equal(wide, wide.compile(run)(wide.asarray(np.asarray([1.0, 2.0]))), [[4, 7]] * 3)

    def test_bucket_size_holds_the_count_and_keeps_to_the_limit(self, autodiff: Autodiff) -> None:
        """Bucket sizes reach the limit only if needed, and are otherwise at most half again as large as the count."""
        for limit in (1, 7, 800):
            for count in range(1, limit + 1):
                assert count <= autodiff.bucket_size(count, limit) <= min(limit, 1.5 * count + 1)
            assert autodiff.bucket_size(limit, limit) == limit


def check_equal(autodiff: Autodiff, array: Any, expected: Any) -> None:
    """Fail unless `array` has the numbers and the shape of `expected`."""
    np.testing.assert_array_equal(autodiff.to_numpy(array), expected, strict=False)
    assert tuple(array.shape) == np.shape(expected)
