"""The control flow of libraries that run every operation at once: Python's own."""

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
    """What `tpo.Autodiff` asks for beyond gradients and optimizers, for an adapter to inherit."""

    def asarray(self, values: Any, *, dtype: str | None = None) -> Array:
        """What an adapter defines."""
        raise NotImplementedError

    def shard(self, values: Any, *, dtype: str | None = None) -> Array:
        """All seeds on the one device."""
        return self.asarray(values, dtype=dtype)

    def shard_like(self, values: np.ndarray[Any, Any], like: Array) -> Array:
        """On the one device."""
        del like
        return self.asarray(values, dtype=values.dtype.name)

    def compile(self, function: FunctionT) -> FunctionT:
        """The function itself."""
        return function

    def compile_over_seeds(self, function: FunctionT) -> FunctionT:
        """As `compile` does it: all seeds at once."""
        return self.compile(function)

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """A loop."""
        xp = self.namespace()
        columns = xs if isinstance(xs, tuple) else (xs,)
        results = []
        for index in range(columns[0].shape[0]):
            carry, y = function(carry, _each(lambda column, index=index: column[index, ...], xs))
            results.append(y)
        if not results:
            # A step of zeros, which goes nowhere, tells the shapes of what would be stacked.
            _, y = function(carry, _each(lambda column: xp.zeros(column.shape[1:], dtype=column.dtype), xs))
            return carry, _each(lambda array: xp.stack([array])[:0, ...], y)
        if isinstance(results[0], tuple):
            return carry, tuple(xp.stack(column) for column in zip(*results, strict=True))
        return carry, xp.stack(results)

    def cond(self, predicate: Array, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
        """An `if`."""
        return if_true() if predicate else if_false()

    def placeholder(self, function: Callable[..., Any], *arrays: Array) -> Any:
        """Nothing: a loop carries anything."""
        del function, arrays

    def bucket_size(self, count: int, limit: int) -> int:
        """`count`."""
        del limit
        return count

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """Nothing: every dtype is always there."""
        del dtype
        return nullcontext()


def _each(function: Callable[..., Any], arrays: Any) -> Any:
    """`function` of an array, or of each array of a tuple."""
    return tuple(map(function, arrays)) if isinstance(arrays, tuple) else function(arrays)
