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
    """HIPS autograd as a backend: NumPy arrays, and autograd's boxes around them.

    Everything else is inherited from `tpo.EagerOps`, which needs only the namespace.
    """

    name = "autograd"
    fused: dict[str, Callable[..., Any]] = {}  # noqa: RUF012 - it stays empty

    def __init__(self, device: str | None = None) -> None:
        """Accept only the CPU.

        Raises:
            InvalidArgumentError: `device` is not the CPU.
        """
        if device not in (None, "cpu"):
            raise InvalidArgumentError(f"the device of autograd must be 'cpu'; got {device!r}. Leave it out.")

    def namespace(self) -> Any:
        """`autograd.numpy` with the names of the Array API standard."""
        return xp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert to a NumPy array."""
        return np.asarray(values, dtype=dtype)

    def adopt(self, values: Any, like: Any) -> Any:
        """Return the values, which are NumPy arrays already."""
        del like
        return values

    def to_numpy(self, array: Any) -> Any:
        """Unwrap the array from autograd's boxes."""
        return np.asarray(getval(array))

    def stop_gradient(self, array: Any) -> Any:
        """Unwrap the array, which removes it from the graph."""
        return getval(array)

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """Differentiate by `autograd.core.make_vjp`."""
        with warnings.catch_warnings():
            # The result does not depend on the argument, so autograd has no graph: the gradient is 0.
            warnings.filterwarnings("ignore", "Output seems independent of input")
            pullback, value = make_vjp(function, primal)
        return value, pullback

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """Create the optimizer, in NumPy."""
        return NumpyOptimizer(spec)
