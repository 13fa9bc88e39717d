"""Tests of the Array API operations that the core uses, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.testing.laws.half_precision import rounded
from tpo.testing.laws.subjects import HALVES, dtype_name, scope, widest_dtype
from tpo.testing.suites.namespace import needed
from tpo.testing.suites.operations import OPERATIONS, ROUNDINGS, VALUES, expected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.backends.protocols import Backend

CORE = needed("core")
OF_THE_CORE = [name for name, operation in OPERATIONS.items() if not operation.of_training]
OF_TRAINING = [name for name, operation in OPERATIONS.items() if operation.of_training]

COMPARED = {
    "equal": (1.0, 1.0),
    "one unit in the last place apart": (1.0, float.fromhex("0x1.000002p0")),
    "tiny": (2.0**-100, 2.0**-101),
    "tiny and zero": (2.0**-100, 0.0),
    "tiny, of other signs": (2.0**-100, -(2.0**-100)),
    "two zeros": (0.0, -0.0),
    "infinite": (np.inf, np.inf),
    "infinite and not": (np.inf, 1e30),
    "minus infinity": (-np.inf, np.inf),
    "not a number": (np.nan, np.nan),
    "not a number and a number": (np.nan, 1.0),
}
"""Pairs of float32 numbers to compare, by description."""

RATIOS = np.random.default_rng(0).normal(size=(2, 1000)) + 3
HALF_WAY = [1 + 2.0**-9, 1 + 3 * 2.0**-9, 1 + 2.0**-12, -1 - 3 * 2.0**-12]
"""Numbers halfway between two neighbours of half precision."""


class OperationsSuite:
    """Tests of the functions of a namespace; `BackendSuite` includes them."""

    @pytest.mark.parametrize("name", [*CORE.functions, *CORE.dtypes])
    def test_the_namespace_has_what_the_core_calls(self, backend: Backend, name: str) -> None:
        """Every required function has its Array API name."""
        assert hasattr(backend.namespace(), name)

    @pytest.mark.parametrize("name", OF_THE_CORE)
    def test_operation(self, backend: Backend, name: str) -> None:
        """Each operation gives NumPy's numbers, shape and dtype."""
        check_operation(backend, name)

    @pytest.mark.parametrize("pair", COMPARED)
    def test_comparisons_are_exact(self, backend: Backend, pair: str) -> None:
        """Comparisons are exact for neighbouring numbers, tiny ones, infinities and NaN."""
        for dtype in dtypes_of(backend):
            numbers = np.asarray(COMPARED[pair], dtype)
            ours = [bool(backend.to_numpy(found)[0]) for found in _comparisons(backend.asarray(numbers))]
            assert ours == [bool(found[0]) for found in _comparisons(numbers)], dtype

    def test_quotients_and_products_are_rounded_once(self, backend: Backend, dtype: str) -> None:
        """Quotients and products are rounded once: a quotient is not computed as a product with the reciprocal."""
        x, y = RATIOS.astype(dtype)
        ours = [backend.asarray(values) for values in (x, y)]
        np.testing.assert_array_equal(backend.to_numpy(ours[0] / ours[1]), x / y)
        np.testing.assert_array_equal(backend.to_numpy(ours[0] * ours[1]), x * y)
        np.testing.assert_array_equal(backend.to_numpy(ours[0] - ours[1]), x - y)

    def test_small_numbers_are_kept(self, backend: Backend, dtype: str) -> None:
        """Numbers down to a few times the smallest normal one survive sums, products and selection."""
        xp, unit = backend.namespace(), 4 * float(np.finfo(dtype).tiny)
        x = backend.asarray(np.asarray([1, -2, 3], dtype) * np.asarray(unit, dtype))
        for ours, factors in (
            (x + x, [2, -4, 6]),
            (x * 2.0, [2, -4, 6]),
            (xp.where(x > 0, x, -x), [1, 2, 3]),
            (xp.max(x, axis=-1, keepdims=True), [3]),
            (xp.sum(x, axis=-1, keepdims=True), [2]),
        ):
            np.testing.assert_array_equal(backend.to_numpy(ours), np.asarray(factors, dtype) * np.asarray(unit, dtype))

    def test_sums_of_half_precision_can_be_taken_in_float32(self, backend: Backend) -> None:
        """A cast from half precision to float32 is exact; the cast back rounds to nearest, ties to even."""
        xp = backend.namespace()
        halves = [name for name in HALVES if hasattr(xp, name)]
        if not halves:
            pytest.skip(f"{backend.name} has no half precision")
        for half in halves:
            ones = xp.astype(backend.asarray(np.ones(5000, np.float32)), getattr(xp, half))
            assert float(xp.sum(xp.astype(ones, xp.float32), axis=-1)) == ones.shape[0]
            narrow = xp.astype(backend.asarray(np.asarray(HALF_WAY, np.float32)), getattr(xp, half))
            assert dtype_name(narrow) == half
            np.testing.assert_array_equal(
                backend.to_numpy(xp.astype(narrow, xp.float32)), rounded(np.asarray(HALF_WAY), half), err_msg=half
            )

    def test_what_a_namespace_says_of_dtypes(self, backend: Backend, dtype: str) -> None:
        """A namespace describes its dtypes: kinds, limits, and the default floating dtype."""
        xp = backend.namespace()
        info, truth = xp.finfo(backend.asarray(VALUES, dtype=dtype).dtype), np.finfo(dtype)
        assert (info.bits, float(info.eps), float(info.max)) == (truth.bits, float(truth.eps), float(truth.max))
        assert (float(info.min), int(xp.iinfo(xp.int32).max)) == (float(truth.min), 2**31 - 1)
        for kind in ("bool", "integral", "real floating", "numeric"):
            known = [np.zeros(1, name) for name in ("bool", "int32", dtype)]
            told = [xp.isdtype(backend.asarray(array).dtype, kind) for array in known]
            assert told == [np.isdtype(array.dtype, kind) for array in known]
        default = xp.__array_namespace_info__().default_dtypes()["real floating"]
        assert xp.asarray([0.5]).dtype == default
        assert xp.isdtype(default, "real floating")


def check_operation(backend: Backend, name: str) -> None:
    """Fail unless an operation gives NumPy's numbers in every floating dtype."""
    for dtype in dtypes_of(backend):
        operation, theirs = OPERATIONS[name], expected(name, dtype)
        ours = backend.to_numpy(operation.call(backend.namespace(), backend.asarray(VALUES, dtype=dtype)))
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype), dtype
        room = 0.0 if operation.exact or theirs.dtype.kind != "f" else ROUNDINGS * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(ours, theirs, rtol=room, atol=room, err_msg=dtype)


def dtypes_of(backend: Backend) -> Iterator[str]:
    """List the floating dtypes of a backend, each with its scope."""
    for dtype in sorted({"float32", widest_dtype(backend)}):
        with scope(backend, dtype):
            yield dtype


def _comparisons(pair: Any) -> list[Any]:
    one, other = pair[:1], pair[1:]
    return [one == other, one != other, one < other, one <= other, one > other, one >= other]
