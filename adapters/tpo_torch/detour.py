"""Functions of tensors on the CPU, computed by NumPy on the same memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat.numpy as host
import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

IN_ONE_THREAD = 32768
"""Up to so many numbers PyTorch computes in one thread, as NumPy does; with more it has the other threads."""


def host_arrays(tensors: tuple[Any, ...]) -> list[Any] | None:
    """The tensors as NumPy arrays, or `None` where NumPy cannot take them, or would take longer."""
    # What `torch.jit.trace` records would not hold what NumPy did.
    if _is_recording() or not all(tensor is None or _is_small(tensor) for tensor in tensors):
        return None
    try:
        return [None if tensor is None else tensor.numpy() for tensor in tensors]
    except RuntimeError:
        # Without memory of their own: inside the transforms of `torch.func`, and fake ones.
        return None


def _is_recording() -> bool:
    jit: Any = torch.jit
    return bool(jit.is_tracing())


def _is_small(tensor: Any) -> bool:
    return bool(tensor.device.type == "cpu" and tensor.numel() <= IN_ONE_THREAD)


def on_host(function: Callable[..., Any], arrays: list[Any], options: dict[str, Any]) -> Any:
    """The function of the arrays, as a tensor. PyTorch has no warnings of overflow, and there are none here."""
    with np.errstate(all="ignore"):
        return torch.from_numpy(function(host, *arrays, **options))
