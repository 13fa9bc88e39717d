"""Tests of the compilation of functions, and of arrays whose axis 0 are the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.testing.laws.subjects import dtype_name, widest_dtype
from tpo.testing.suites.scan_suite import check_equal

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff


class CompileSuite:
    """Tests of `compile`, `compile_over_seeds` and `shard_like`; `AutodiffSuite` includes them."""

    def test_compile_changes_no_number(self, wide: Autodiff) -> None:
        """Compiled functions take and return trees, and change no number."""

        def function(x: Any, tree: Any) -> Any:
            return {"sum": x + tree[0]["y"], "product": (x * tree[0]["y"],)}

        x, y = wide.asarray(np.asarray([2.0])), wide.asarray(np.asarray([5.0]))
        result = wide.compile(function)(x, ({"y": y},))
        check_equal(wide, result["sum"], [7])
        check_equal(wide, result["product"][0], [10])

    @pytest.mark.parametrize("seeds", [1, 3])
    def test_compile_over_seeds_changes_no_number(self, wide: Autodiff, seeds: int) -> None:
        """Arrays keep their seeds axis, scalars stay scalars, and one number per seed is `[S]`."""
        xp = wide.namespace()

        def function(tree: Any, count: Any) -> Any:
            return tree, count + 1, {"sum": xp.sum(tree["x"], axis=1), "product": (tree["x"] * tree["y"][:, None],)}

        x, y = np.arange(2.0 * seeds).reshape(seeds, 2), np.arange(1.0, seeds + 1)
        tree, count, found = wide.compile_over_seeds(function)(
            {"x": wide.shard(x), "y": wide.shard(y)}, wide.asarray(np.asarray(4.0))
        )
        check_equal(wide, tree["x"], x)
        check_equal(wide, count, 5)
        check_equal(wide, found["sum"], x.sum(axis=1))
        check_equal(wide, found["product"][0], x * y[:, None])

    def test_what_is_compiled_depends_on_its_arguments_alone(self, wide: Autodiff) -> None:
        """A compiled function is called with other numbers and shapes, and two functions of one body are two."""
        remedy = "keep what was compiled by the function itself, and by the shapes and dtypes of its arguments"

        def times(factor: float) -> Any:
            return lambda x: factor * x

        for compiling in (wide.compile, wide.compile_over_seeds):
            for factor in (2.0, 3.0):
                compiled = compiling(times(factor))
                for given in ([[1.0, 2.0]], [[5.0, 7.0]], [[1.0, 2.0, 4.0]]):
                    found = wide.to_numpy(compiled(wide.shard(np.asarray(given))))
                    np.testing.assert_array_equal(found, factor * np.asarray(given), remedy)

    def test_shard_like_keeps_dtype_and_numbers(self, wide: Autodiff) -> None:
        """`shard_like` gives the numbers of a NumPy array in the dtype of another array."""
        values = np.asarray([[1.0, 1 / 3], [2.0, -5.0]])
        for dtype in {"float32", widest_dtype(wide)}:
            made = wide.shard_like(values.astype(dtype), wide.shard(np.zeros((2, 1)), dtype=dtype))
            assert dtype_name(made) == dtype, "`shard_like` gives the dtype of `like`"
            check_equal(wide, made, values.astype(dtype))
