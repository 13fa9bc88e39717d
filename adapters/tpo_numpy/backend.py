"""The NumPy adapter."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar, cast

import array_api_compat.numpy as xp
import numpy as np

from tpo import EagerOps, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


FunctionT = TypeVar("FunctionT", bound="Callable[..., Any]")


def quiet(function: FunctionT) -> FunctionT:
    """The same function, without NumPy's warnings of floating-point numbers."""

    @functools.wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*arguments, **options)

    return cast("FunctionT", called)


class NumpyBackend(EagerOps):
    """NumPy as a backend: arrays on the host, without automatic differentiation."""

    name = "numpy"

    def __init__(self, device: str | None = None) -> None:
        """Accept only the CPU.

        Raises:
            InvalidArgumentError: `device` is not the CPU.
        """
        if device not in (None, "cpu"):
            raise InvalidArgumentError(f"the device of numpy must be 'cpu'; got {device!r}. Leave it out.")

    # No other library warns of an infinity or a NaN that it computes: the result shows it.
    run = quiet(EagerOps.run)
    log_softmax = quiet(EagerOps.log_softmax)
    with_gradient = quiet(EagerOps.with_gradient)
    with_own_gradient = quiet(EagerOps.with_own_gradient)

    def namespace(self) -> Any:
        """NumPy, wrapped so that old versions follow the Array API standard, too."""
        return xp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert by `numpy.asarray`."""
        return np.asarray(values, dtype=dtype)
