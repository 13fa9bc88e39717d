"""The autograd adapter."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from autograd.core import make_vjp
from autograd.tracer import getval

from tpo import InvalidArgumentError, NeutralOps
from tpo_autograd.namespace import xp
from tpo_autograd.optimizers import NumpyOptimizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo import Optimizer, OptimizerSpec


class AutogradBackend(NeutralOps):
    """NumPy arrays, and the boxes that autograd puts them in.

    What is not defined here follows from the namespace: `tpo.NeutralOps`.
    """

    name = "autograd"
    fused: dict[str, Callable[..., Any]] = {}  # noqa: RUF012 - it stays empty

    def __init__(self, device: str | None = None) -> None:
        """Accept the only device there is.

        Raises:
            InvalidArgumentError: `device` is not the CPU.
        """
        if device not in (None, "cpu"):
            raise InvalidArgumentError(f"the device of autograd must be 'cpu'; got {device!r}. Leave it out.")

    def namespace(self) -> Any:
        """`autograd.numpy` under the standard's names."""
        return xp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """A NumPy array."""
        return np.asarray(values, dtype=dtype)

    def adopt(self, values: Any, like: Any) -> Any:
        """The values themselves."""
        del like
        return values

    def to_numpy(self, array: Any) -> Any:
        """The array itself, out of its box."""
        return np.asarray(getval(array))

    def stop_gradient(self, array: Any) -> Any:
        """The array out of its box."""
        return getval(array)

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """`autograd.core.make_vjp`."""
        with warnings.catch_warnings():
            # A gradient of 0 is as good as any.
            warnings.filterwarnings("ignore", "Output seems independent of input")
            pullback, value = make_vjp(function, primal)
        return value, pullback

    def compile(self, function: Any) -> Any:
        """The function itself."""
        return function

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """A Python loop."""
        rows = list(zip(*xs, strict=True)) if isinstance(xs, tuple) else list(xs)
        if not rows:
            _, y = function(carry, _each(lambda column: np.zeros(column.shape[1:], column.dtype), xs))
            return carry, _each(lambda array: xp.stack([array])[:0], y)
        results = []
        for x in rows:
            carry, y = function(carry, x)
            results.append(y)
        if isinstance(results[0], tuple):
            return carry, tuple(xp.stack(column) for column in zip(*results, strict=True))
        return carry, xp.stack(results)

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """In NumPy."""
        return NumpyOptimizer(spec)

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """Nothing: every dtype is always there."""
        del dtype
        return nullcontext()


def _each(function: Callable[[Any], Any], arrays: Any) -> Any:
    """`function` of an array, or of each array of a tuple."""
    return tuple(map(function, arrays)) if isinstance(arrays, tuple) else function(arrays)
