"""The switch for float64, where this version of JAX has it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# Public from JAX 0.8 on; before, `jax.experimental` had it alone (looked up in 0.4.35, 0.5.3, 0.7.2, 0.8.0, 0.12.0).
SWITCHES: Any = jax if hasattr(jax, "enable_x64") else importlib.import_module("jax.experimental")


def float64_as_needed(dtype: str) -> AbstractContextManager[None]:
    """The scope, in this thread alone, in which arrays of `dtype` exist: with float64 switched on or off."""
    scope: AbstractContextManager[None] = SWITCHES.enable_x64(np.dtype(dtype).itemsize > jnp.dtype("float32").itemsize)
    return scope
