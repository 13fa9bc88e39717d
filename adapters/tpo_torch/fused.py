"""PyTorch's own versions of the layers that it fuses."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

LAYER_NORM_EPS = 1e-6


def standard_rows(xp: Any, x: Tensor) -> Tensor:
    """`layer_norm` without scale and bias."""
    del xp
    return functional.layer_norm(x, x.shape[-1:], eps=LAYER_NORM_EPS)


def tanh_gelu(xp: Any, x: Tensor) -> Tensor:
    """`gelu` in its tanh approximation."""
    del xp
    return functional.gelu(x, approximate="tanh")


def shifted_softmax(xp: Any, scores: Tensor) -> Tensor:
    """`softmax` over the last axis."""
    del xp
    return scores.softmax(dim=-1)


FUSED: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {"standard_rows": standard_rows, "tanh_gelu": tanh_gelu, "shifted_softmax": shifted_softmax}
)
