"""What PyTorch learns of `tpo`. Imports PyTorch alone, which is there before this is called."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch

# There is no public module: `torch.export.register_dataclass` puts a value together by its class, which would check
# again what a transform has put where arrays were, and takes options for leaves.
from torch.utils import _pytree as pytree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def integrate(structures: Iterable[Any], owner_name: Callable[[type], str | None]) -> None:
    """Make the lookup of an array's owner a constant of `torch.compile`, and the classes of `structures` pytrees."""
    declare: Any = torch.compiler.assume_constant_result
    declare(owner_name)
    for structure in structures:
        pytree.register_pytree_node(
            structure.kind,
            functools.partial(_take_apart, structure),
            functools.partial(_put_together, structure),
            flatten_with_keys_fn=functools.partial(_with_keys, structure),
        )


def _take_apart(structure: Any, value: Any) -> tuple[list[Any], Any]:
    arrays, rest = structure.take_apart(value)
    return list(arrays), rest


def _put_together(structure: Any, arrays: Iterable[Any], rest: Any) -> Any:
    return structure.put_together(rest, arrays)


def _with_keys(structure: Any, value: Any) -> tuple[list[tuple[Any, Any]], Any]:
    arrays, rest = structure.take_apart(value)
    return list(zip(map(pytree.GetAttrKey, rest.present), arrays, strict=True)), rest
