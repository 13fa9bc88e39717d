"""Registering `tpo`'s classes as pytrees of JAX. Imports only JAX, which is already imported when this is called."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from jax.tree_util import GetAttrKey, register_pytree_with_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def integrate(structures: Iterable[Any], owner_name: Callable[[type], str | None]) -> None:
    """Register the classes of `structures` as pytrees."""
    del owner_name
    for structure in structures:
        with_keys = functools.partial(_with_keys, structure)
        register_pytree_with_keys(structure.kind, with_keys, structure.unflatten, structure.flatten)


def _with_keys(structure: Any, value: Any) -> tuple[tuple[tuple[Any, Any], ...], Any]:
    arrays, rest = structure.flatten(value)
    return tuple(zip(map(GetAttrKey, rest.present), arrays, strict=True)), rest
