"""Trees of arrays (dictionaries, lists, tuples, named tuples): flattening, rebuilding, stacking those of seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    """Flatten `tree` into its arrays by path."""
    if tree is None:
        return {}
    found: dict[str, Any] = {}
    for name, branch in _branches(tree):
        found |= leaves(branch, f"{path}/{name}")
    return found if _is_branching(tree) else {path: tree}


def rebuild(like: Any, found: Mapping[str, Any], convert: Callable[[Any, Any], Any], path: str = "") -> Any:
    """Rebuild a tree shaped as `like`; each leaf is `convert` of the array in `found` and the leaf of `like`.

    Raises:
        KeyError: `found` lacks the array of a path.
    """
    if like is None:
        return None
    if not _is_branching(like):
        return convert(found[path], like)
    branches = {name: rebuild(branch, found, convert, f"{path}/{name}") for name, branch in _branches(like)}
    if isinstance(like, Mapping):
        return branches
    values = branches.values()
    return type(like)(*values) if hasattr(like, "_fields") else type(like)(values)


def stack_seeds(backend: Autodiff, trees: Sequence[Mapping[str, np.ndarray[Any, Any]]], dtype: str) -> dict[str, Array]:
    """Stack the arrays of each seed to `[S, ...]` on the backend's devices; floating ones get `dtype`."""
    stacked = {name: np.stack([tree[name] for tree in trees]) for name in trees[0]}
    return {name: backend.shard(values, dtype=_cast(values, dtype)) for name, values in stacked.items()}


def _is_branching(tree: Any) -> bool:
    return isinstance(tree, (Mapping, list, tuple))


def _branches(tree: Any) -> list[tuple[Any, Any]]:
    if isinstance(tree, Mapping):
        return list(tree.items())
    return list(enumerate(tree)) if _is_branching(tree) else []


def _cast(values: np.ndarray[Any, Any], dtype: str) -> str | None:
    return dtype if np.issubdtype(values.dtype, np.floating) else None
