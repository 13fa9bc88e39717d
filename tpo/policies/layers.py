"""The layers of neural policies, for parameters with the seeds as axis 0.

Each is defined here against the Array API. A backend may offer a native version under the same name in its `fused`
mapping, which must compute the same function.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array, Namespace

LAYER_NORM_EPS = 1e-6


def dense(backend: Autodiff, params: Parameters, name: str, x: Array) -> Array:
    """`x @ kernel + bias`: `[S, ..., D]` to `[S, ..., F]`, with `kernel` `[S, D, F]` and `bias` `[S, F]`."""
    function = backend.fused.get("affine", affine)
    return function(backend.namespace(), x, params[f"{name}.kernel"], params[f"{name}.bias"])


def affine(xp: Namespace, x: Array, kernel: Array, bias: Array) -> Array:
    """`[S, ..., D]` times `[S, D, F]` plus `[S, F]`."""
    return matmul(xp, x, kernel) + per_seed(bias, x.ndim)


def matmul(xp: Namespace, x: Array, kernel: Array) -> Array:
    """`[S, ..., D]` times `[S, D, F]`: one matrix product per seed, over all axes between."""
    rows, shape = math.prod(x.shape[1:-1]), (*x.shape[:-1], kernel.shape[-1])
    if x.shape[0] == 1:
        # Libraries thread a plain product better than a batch of one.
        return xp.reshape(xp.matmul(xp.reshape(x, (rows, x.shape[-1])), kernel[0, ...]), shape)
    return xp.reshape(xp.matmul(xp.reshape(x, (x.shape[0], rows, x.shape[-1])), kernel), shape)


def scaled_dense(backend: Autodiff, params: Parameters, name: str, x: Array, scale: float) -> Array:
    """`dense` of `scale * x`, where there are fewer outputs to scale than inputs."""
    product = matmul(backend.namespace(), x, params[f"{name}.kernel"])
    return scale * product + per_seed(params[f"{name}.bias"], product.ndim)


def scaled_dense_on_shared(backend: Autodiff, params: Parameters, name: str, x: Array, scale: float) -> Array:
    """The same of rows that are the same for every seed: `[N, D]` to `[S, N, F]`, by one product for all seeds."""
    xp, kernel = backend.namespace(), params[f"{name}.kernel"]
    seeds, width, out = kernel.shape
    side_by_side = xp.reshape(xp.permute_dims(kernel, (1, 0, 2)), (width, seeds * out))
    product = xp.permute_dims(xp.reshape(xp.matmul(x, side_by_side), (x.shape[0], seeds, out)), (1, 0, 2))
    return scale * product + per_seed(params[f"{name}.bias"], product.ndim)


def relu(backend: Autodiff, x: Array) -> Array:
    """`max(x, 0)`, with slope 0 at 0."""
    return backend.fused.get("rectified", rectified)(backend.namespace(), x)


def rectified(xp: Namespace, x: Array) -> Array:
    """`x` where it is above 0, and 0."""
    return xp.where(x > 0, x, xp.zeros_like(x))


def layer_norm(backend: Autodiff, params: Parameters, name: str, x: Array) -> Array:
    """LayerNorm over the last axis of `[S, ..., D]`, with `scale` and `bias` `[S, D]`."""
    normed = backend.fused.get("standard_rows", standard_rows)(backend.namespace(), x)
    return normed * per_seed(params[f"{name}.scale"], x.ndim) + per_seed(params[f"{name}.bias"], x.ndim)


def standard_rows(xp: Namespace, x: Array) -> Array:
    """Rows of mean 0 and variance 1, with `LAYER_NORM_EPS` added to the variance."""
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    variance = xp.mean(centred * centred, axis=-1, keepdims=True)
    return centred / xp.sqrt(variance + LAYER_NORM_EPS)


def gelu(backend: Autodiff, x: Array) -> Array:
    """The tanh approximation of the Gaussian error linear unit (Hendrycks and Gimpel 2016)."""
    return backend.fused.get("tanh_gelu", tanh_gelu)(backend.namespace(), x)


def tanh_gelu(xp: Namespace, x: Array) -> Array:
    """`x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`."""
    return 0.5 * x * (1 + xp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def softmax(backend: Autodiff, scores: Array) -> Array:
    """Softmax over the last axis."""
    return backend.fused.get("shifted_softmax", shifted_softmax)(backend.namespace(), scores)


def shifted_softmax(xp: Namespace, scores: Array) -> Array:
    """`exp(scores) / sum(exp(scores))`, shifted by the maximum."""
    exponentials = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=-1, keepdims=True)


def per_seed(array: Array, ndim: int) -> Array:
    """`[S, D]` as `[S, 1, ..., 1, D]`, to broadcast against `ndim` axes."""
    return array[(slice(None), *(None,) * (ndim - 2), slice(None))]


def rows_at(backend: Autodiff, values: Array, index: Array) -> Array:
    """`[S, N, ...]` at `[S, M]` of its second axis: `[S, M, ...]`, for each seed its own."""
    return backend.fused.get("take_rows", take_rows)(backend.namespace(), values, index)


def take_rows(xp: Namespace, values: Array, index: Array) -> Array:
    """The same by one gather over all seeds."""
    seeds, rows, *shape = values.shape
    offsets: Any = xp.astype(xp.arange(seeds), index.dtype)[:, None] * rows
    flat = xp.reshape(index + offsets, (math.prod(index.shape),))
    taken = xp.take(xp.reshape(values, (seeds * rows, *shape)), flat, axis=0)
    return xp.reshape(taken, (*index.shape, *shape))
