"""Flattening and rebuilding trees of arrays: dictionaries, lists, tuples and named tuples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


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


def _is_branching(tree: Any) -> bool:
    return isinstance(tree, (Mapping, list, tuple))


def _branches(tree: Any) -> list[tuple[Any, Any]]:
    if isinstance(tree, Mapping):
        return list(tree.items())
    return list(enumerate(tree)) if _is_branching(tree) else []
