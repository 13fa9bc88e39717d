"""Control flow for libraries that run every operation immediately: Python's own."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.neutral_ops import NeutralOps

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from tpo.backends.protocols import FunctionT
    from tpo.core.arrays.typing import Array


class EagerOps(NeutralOps):
    """Base class of eager adapters: all of `tpo.Autodiff` but gradients, optimizers and `asarray`."""

    def asarray(self, values: Any, *, dtype: str | None = None) -> Array:
        """Convert `values` to an array of the library; adapters define it."""
        raise NotImplementedError

    def shard(self, values: Any, *, dtype: str | None = None) -> Array:
        """Put the arrays of all seeds on the one device."""
        return self.asarray(values, dtype=dtype)

    def shard_like(self, values: np.ndarray[Any, Any], like: Array) -> Array:
        """Put `values` on the one device, with the dtype of `like`."""
        del like
        return self.asarray(values, dtype=values.dtype.name)

    def compile(self, function: FunctionT) -> FunctionT:
        """Return the function itself: nothing is compiled."""
        return function

    def compile_over_seeds(self, function: FunctionT) -> FunctionT:
        """Return the function itself, which computes all seeds at once."""
        return self.compile(function)

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """Scan by a Python loop."""
        xp = self.namespace()
        columns = xs if isinstance(xs, tuple) else (xs,)
        results = []
        for index in range(columns[0].shape[0]):
            carry, y = function(carry, _each(lambda column, index=index: column[index, ...], xs))
            results.append(y)
        if not results:
            # An empty `xs`: one step on zeros, whose result is dropped, gives the shapes of the empty outputs.
            _, y = function(carry, _each(lambda column: xp.zeros(column.shape[1:], dtype=column.dtype), xs))
            return carry, _each(lambda array: xp.stack([array])[:0, ...], y)
        if isinstance(results[0], tuple):
            return carry, tuple(xp.stack(column) for column in zip(*results, strict=True))
        return carry, xp.stack(results)

    def cond(self, predicate: Array, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
        """Branch by a Python `if`."""
        return if_true() if predicate else if_false()

    def placeholder(self, function: Callable[..., Any], *arrays: Array) -> Any:
        """Return `None`: the carry of a Python loop may change its structure."""
        del function, arrays

    def bucket_size(self, count: int, limit: int) -> int:
        """Return `count`: no shape needs compiling."""
        del limit
        return count

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """Return an empty scope: every dtype is always available."""
        del dtype
        return nullcontext()


def _each(function: Callable[..., Any], arrays: Any) -> Any:
    """Apply `function` to an array, or to each array of a tuple."""
    return tuple(map(function, arrays)) if isinstance(arrays, tuple) else function(arrays)
