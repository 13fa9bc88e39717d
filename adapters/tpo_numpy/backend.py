"""The NumPy adapter."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as xp
import numpy as np

from tpo import EagerOps, InvalidArgumentError


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

    def namespace(self) -> Any:
        """NumPy, wrapped so that old versions follow the Array API standard, too."""
        return xp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert by `numpy.asarray`."""
        return np.asarray(values, dtype=dtype)
