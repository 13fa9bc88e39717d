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
    """Dense layer `x @ kernel + bias`, `[S, ..., D]` to `[S, ..., F]`, with `kernel` `[S, D, F]`, `bias` `[S, F]`."""
    function = backend.fused.get("affine", affine)
    return function(backend.namespace(), x, params[f"{name}.kernel"], params[f"{name}.bias"])


def affine(xp: Namespace, x: Array, kernel: Array, bias: Array) -> Array:
    """Affine map `x @ kernel + bias` of `[S, ..., D]` by `[S, D, F]` and `[S, F]`."""
    return matmul(xp, x, kernel) + per_seed(bias, x.ndim)


def matmul(xp: Namespace, x: Array, kernel: Array) -> Array:
    """Multiply `[S, ..., D]` by `[S, D, F]`: one matrix product per seed, with the axes between flattened."""
    rows, shape = math.prod(x.shape[1:-1]), (*x.shape[:-1], kernel.shape[-1])
    if x.shape[0] == 1:
        # A single seed: libraries run a plain product on more threads than a batch of one.
        return xp.reshape(xp.matmul(xp.reshape(x, (rows, x.shape[-1])), kernel[0, ...]), shape)
    return xp.reshape(xp.matmul(xp.reshape(x, (x.shape[0], rows, x.shape[-1])), kernel), shape)


def scaled_dense(backend: Autodiff, params: Parameters, name: str, x: Array, scale: float) -> Array:
    """Dense layer on `scale * x` that scales the outputs instead, for layers with fewer outputs than inputs."""
    product = matmul(backend.namespace(), x, params[f"{name}.kernel"])
    return scale * product + per_seed(params[f"{name}.bias"], product.ndim)


def scaled_dense_on_shared(backend: Autodiff, params: Parameters, name: str, x: Array, scale: float) -> Array:
    """`scaled_dense` on rows shared by all seeds, `[N, D]` to `[S, N, F]`, by one product for all seeds."""
    xp, kernel = backend.namespace(), params[f"{name}.kernel"]
    seeds, width, out = kernel.shape
    side_by_side = xp.reshape(xp.permute_dims(kernel, (1, 0, 2)), (width, seeds * out))
    product = xp.permute_dims(xp.reshape(xp.matmul(x, side_by_side), (x.shape[0], seeds, out)), (1, 0, 2))
    return scale * product + per_seed(params[f"{name}.bias"], product.ndim)


def relu(backend: Autodiff, x: Array) -> Array:
    """ReLU, with slope 0 at 0; the backend's native version if it has one."""
    return backend.fused.get("rectified", rectified)(backend.namespace(), x)


def rectified(xp: Namespace, x: Array) -> Array:
    """ReLU by `where`."""
    return xp.where(x > 0, x, xp.zeros_like(x))


def layer_norm(backend: Autodiff, params: Parameters, name: str, x: Array) -> Array:
    """LayerNorm over the last axis of `[S, ..., D]`, with `scale` and `bias` `[S, D]`."""
    normed = backend.fused.get("standard_rows", standard_rows)(backend.namespace(), x)
    return normed * per_seed(params[f"{name}.scale"], x.ndim) + per_seed(params[f"{name}.bias"], x.ndim)


def standard_rows(xp: Namespace, x: Array) -> Array:
    """Standardize the last axis to mean 0 and variance 1, with `LAYER_NORM_EPS` added to the variance."""
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    variance = xp.mean(centred * centred, axis=-1, keepdims=True)
    return centred / xp.sqrt(variance + LAYER_NORM_EPS)


def gelu(backend: Autodiff, x: Array) -> Array:
    """GELU by its tanh approximation (Hendrycks and Gimpel 2016); the backend's native version if it has one."""
    return backend.fused.get("tanh_gelu", tanh_gelu)(backend.namespace(), x)


def tanh_gelu(xp: Namespace, x: Array) -> Array:
    """GELU as `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`."""
    return 0.5 * x * (1 + xp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def softmax(backend: Autodiff, scores: Array) -> Array:
    """Softmax over the last axis; the backend's native version if it has one."""
    return backend.fused.get("shifted_softmax", shifted_softmax)(backend.namespace(), scores)


def shifted_softmax(xp: Namespace, scores: Array) -> Array:
    """Softmax as `exp(scores) / sum(exp(scores))`, shifted by the maximum."""
    exponentials = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=-1, keepdims=True)


def per_seed(array: Array, ndim: int) -> Array:
    """Reshape `[S, D]` to `[S, 1, ..., 1, D]`, to broadcast against `ndim` axes."""
    return array[(slice(None), *(None,) * (ndim - 2), slice(None))]


def rows_at(backend: Autodiff, values: Array, index: Array) -> Array:
    """Gather rows of each seed: `[S, N, ...]` at indices `[S, M]` gives `[S, M, ...]`."""
    return backend.fused.get("take_rows", take_rows)(backend.namespace(), values, index)


def take_rows(xp: Namespace, values: Array, index: Array) -> Array:
    """Gather rows of each seed, like `rows_at`, by one gather over all seeds."""
    seeds, rows, *shape = values.shape
    offsets: Any = xp.astype(xp.arange(seeds), index.dtype)[:, None] * rows
    flat = xp.reshape(index + offsets, (math.prod(index.shape),))
    taken = xp.take(xp.reshape(values, (seeds * rows, *shape)), flat, axis=0)
    return xp.reshape(taken, (*index.shape, *shape))
