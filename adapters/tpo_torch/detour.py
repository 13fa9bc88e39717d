"""Running functions of small CPU tensors with NumPy, on the same memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat.numpy as host
import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ELEMENTS = 32768
"""Most elements that PyTorch computes in one thread, like NumPy; larger tensors use more threads."""


def host_arrays(tensors: tuple[Any, ...]) -> list[Any] | None:
    """View tensors as NumPy arrays; `None` if that is impossible, or if NumPy would be slower."""
    # `torch.jit.trace` would not record operations of NumPy.
    if _is_recording() or not all(tensor is None or _is_small(tensor) for tensor in tensors):
        return None
    try:
        return [None if tensor is None else tensor.numpy() for tensor in tensors]
    except RuntimeError:
        # Tensors without memory of their own: fake tensors, and tensors inside the transforms of `torch.func`.
        return None


def _is_recording() -> bool:
    jit: Any = torch.jit
    return bool(jit.is_tracing())


def _is_small(tensor: Any) -> bool:
    return bool(tensor.device.type == "cpu" and tensor.numel() <= MOST_ELEMENTS)


def on_host(function: Callable[..., Any], arrays: list[Any], options: dict[str, Any]) -> Any:
    """Run `function` with NumPy and return a tensor; like PyTorch, without warnings of overflow."""
    with np.errstate(all="ignore"):
        return torch.from_numpy(function(host, *arrays, **options))
