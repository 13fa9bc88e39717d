"""Converting between verl's nested tensors and padded ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from tensordict import TensorDict


def padded(data: TensorDict, name: str) -> torch.Tensor:
    """A field of a batch as a padded tensor, `[B, ...]`."""
    field: Any = data[name]
    return torch.as_tensor(field.to_padded_tensor(0) if field.is_nested else field)


def padded_if_there(data: TensorDict, name: str) -> torch.Tensor | None:
    """A field of a batch as a padded tensor, `[B, ...]`; `None` if there is none."""
    return padded(data, name) if name in data.keys() else None  # noqa: SIM118 - a TensorDict iterates over rows


def stacked(data: TensorDict, name: str, size: int) -> torch.Tensor:
    """A field of fixed size, `[B, size]`, which the transport may have nested or flattened."""
    field: Any = data[name]
    rows = torch.stack(list(field.unbind())) if field.is_nested else torch.as_tensor(field)
    return rows.reshape(-1, size)


def shaped_like(array: torch.Tensor, field: Any) -> torch.Tensor:
    """A padded tensor, `[B, R]`, as a nested one if `field` is, with rows as long as those of `field`."""
    if not field.is_nested:
        return array
    lengths = field.offsets().diff().tolist()
    rows = [row[:length] for row, length in zip(array, lengths, strict=True)]
    return torch.nested.as_nested_tensor(rows, layout=torch.jagged)
