"""Trees of arrays, as optimizers keep them: dictionaries, lists and tuples, named ones too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    """The arrays of `tree`, by where they stand in it."""
    if tree is None:
        return {}
    found: dict[str, Any] = {}
    for name, branch in _branches(tree):
        found |= leaves(branch, f"{path}/{name}")
    return found if _is_branching(tree) else {path: tree}


def rebuild(like: Any, found: Mapping[str, Any], convert: Callable[[Any, Any], Any], path: str = "") -> Any:
    """A tree like `like`, with `convert` of the array that `found` has in each place and of the one that `like` has.

    Raises:
        KeyError: `found` lacks one.
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
