"""The autograd adapter."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from autograd.core import make_vjp
from autograd.tracer import getval

from tpo import EagerOps, InvalidArgumentError
from tpo_autograd.namespace import xp
from tpo_autograd.optimizers import NumpyOptimizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo import Optimizer, OptimizerSpec


class AutogradBackend(EagerOps):
    """NumPy arrays, and the boxes that autograd puts them in.

    What is not defined here follows from the namespace: `tpo.EagerOps`.
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

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """In NumPy."""
        return NumpyOptimizer(spec)
