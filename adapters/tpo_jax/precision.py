"""JAX's switch for float64, in any supported version."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# Public since JAX 0.8; before, only `jax.experimental` had it (checked in 0.4.35, 0.5.3, 0.7.2, 0.8.0, 0.12.0).
SWITCHES: Any = jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")


def float64_as_needed(dtype: str) -> AbstractContextManager[None]:
    """Enable or disable float64 in this thread, in the scope of a `with` block, according to `dtype`."""
    scope: AbstractContextManager[None] = SWITCHES.enable_x64(np.dtype(dtype).itemsize > jnp.dtype("float32").itemsize)
    return scope
