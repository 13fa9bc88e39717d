"""Registering `tpo`'s classes with PyTorch. Imports only PyTorch, which is already imported when this is called."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

# PyTorch has no suitable public function: `torch.export.register_dataclass` rebuilds a value by calling its class,
# which would check the objects that transforms put in place of arrays, and it treats options as leaves.
from torch.utils import _pytree as pytree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def integrate(structures: Iterable[Any], owner_name: Callable[[type], str | None]) -> None:
    """Make `owner_name` a constant for `torch.compile`, and register the classes of `structures` as pytrees."""
    declare: Any = torch.compiler.assume_constant_result
    declare(owner_name)
    for structure in structures:
        pytree.register_pytree_node(
            structure.kind,
            functools.partial(_flatten, structure),
            functools.partial(_unflatten, structure),
            flatten_with_keys_fn=functools.partial(_with_keys, structure),
        )


def _flatten(structure: Any, value: Any) -> tuple[list[Any], Any]:
    arrays, rest = structure.flatten(value)
    return list(arrays), rest


def _unflatten(structure: Any, arrays: Iterable[Any], rest: Any) -> Any:
    return structure.unflatten(rest, arrays)


def _with_keys(structure: Any, value: Any) -> tuple[list[tuple[Any, Any]], Any]:
    arrays, rest = structure.flatten(value)
    return list(zip(map(pytree.GetAttrKey, rest.present), arrays, strict=True)), rest
