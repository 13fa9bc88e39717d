"""Moving the arrays of several seeds from NumPy to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array


def stack_seeds(backend: Autodiff, trees: Sequence[Mapping[str, np.ndarray[Any, Any]]], dtype: str) -> dict[str, Array]:
    """Stack the arrays of each seed to `[S, ...]` on the backend's devices; floating ones get `dtype`."""
    stacked = {name: np.stack([tree[name] for tree in trees]) for name in trees[0]}
    return {name: backend.shard(values, dtype=_cast(values, dtype)) for name, values in stacked.items()}


def _cast(values: np.ndarray[Any, Any], dtype: str) -> str | None:
    return dtype if np.issubdtype(values.dtype, np.floating) else None
