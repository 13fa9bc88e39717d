"""Array libraries for the tests of the core, behind one interface."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import array_api_strict
import numpy as np

from tpo.plugins import registry

ADAPTED = ("numpy", "torch", "jax")
NAMES = (*ADAPTED, "array-api-strict")


@dataclass(frozen=True)
class Library:
    """An array library: one with an adapter, or one that `tpo` knows only by the Array API."""

    name: str

    @property
    def xp(self) -> Any:
        return registry.backend(self.name).namespace() if self.name in ADAPTED else array_api_strict

    def array(self, values: Any, dtype: str = "float64") -> Any:
        """Convert `values` to this library's array; `dtype` is a name in its namespace."""
        # A copy, since PyTorch warns of arrays that cannot be written to.
        return self.xp.asarray(np.array(values), dtype=getattr(self.xp, dtype))

    def numpy(self, array: Any) -> np.ndarray:
        """Convert to NumPy; bfloat16, which NumPy lacks, becomes float32."""
        if "bfloat16" in str(array.dtype):
            array = self.xp.astype(array, self.xp.float32)
        return registry.backend(self.name).to_numpy(array) if self.name in ADAPTED else np.asarray(array)

    def compile(self, function: Any) -> Any:
        """Compile `function` on JAX, as in practice, which is also much faster; return it unchanged elsewhere."""
        return registry.backend("jax").compile(function) if self.name == "jax" else function

    def with_float64(self) -> AbstractContextManager[None]:
        """Open the scope in which float64 exists."""
        return registry.backend("jax").precision("float64") if self.name == "jax" else nullcontext()
