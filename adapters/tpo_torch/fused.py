"""PyTorch's own versions of the layers that it fuses."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from tpo import LAYER_NORM_EPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor


def standard_rows(xp: Any, x: Tensor) -> Tensor:
    """Standardize rows, computed by PyTorch's own `layer_norm` without scale and bias."""
    del xp
    return functional.layer_norm(x, x.shape[-1:], eps=LAYER_NORM_EPS)


def tanh_gelu(xp: Any, x: Tensor) -> Tensor:
    """GELU in its tanh approximation, computed by PyTorch's own operator."""
    del xp
    return functional.gelu(x, approximate="tanh")


def rectified(xp: Any, x: Tensor) -> Tensor:
    """ReLU, computed by PyTorch's own operator."""
    del xp
    return x.relu()


def shifted_softmax(xp: Any, scores: Tensor) -> Tensor:
    """Softmax over the last axis, computed by PyTorch's own operator."""
    del xp
    return scores.softmax(dim=-1)


def affine(xp: Any, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Affine map by `addmm` for one seed, and by `baddbmm` for several."""
    del xp
    seeds, *shape, width = x.shape
    if seeds == 1:
        product = torch.addmm(bias[0], x.reshape(-1, width), kernel[0])
    else:
        product = torch.baddbmm(bias[:, None], x.reshape(seeds, -1, width), kernel)
    return product.reshape(seeds, *shape, -1)


FUSED: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {function.__name__: function for function in (affine, rectified, standard_rows, tanh_gelu, shifted_softmax)}
)
