"""Multi-head attention of completions that share a prompt.

In shapes: S seeds, B prompts, C completions per prompt, P prompt tokens, t tokens, D width, H heads, E = D / H.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.policies.layers import softmax

if TYPE_CHECKING:
    from tpo.backends import Autodiff
    from tpo.core.ops import Array, Namespace

MASKED = -1e9
"""Added to scores of positions that must not be seen; their weight underflows to 0."""

KeysValues = tuple[Any, Any]
"""Keys and values, `[S, B, H, P, E]` of a prompt or `[S, B, H, C, t, E]` of completions."""


def attention(backend: Autodiff, query: Array, own: KeysValues, mask: Array, prompt: KeysValues | None = None) -> Array:
    """Softmax attention of `[S, B, H, C, t, E]` queries to their own sequence, and to its prompt if given.

    `mask` is added to the scores of all that is seen, `[t, t]`, or `[t, P + t]` with a prompt.
    """
    xp = backend.namespace()
    key, value = own if prompt is None else (_after(xp, *pair) for pair in zip(prompt, own, strict=True))
    scores = xp.matmul(_flat(xp, query * query.shape[-1] ** -0.5), xp.matrix_transpose(_flat(xp, key))) + mask
    return xp.reshape(xp.matmul(softmax(backend, scores), _flat(xp, value)), query.shape)


def _after(xp: Namespace, prompt: Array, own: Array) -> Array:
    """`[S, B, H, P, E]` before each completion of `[S, B, H, C, t, E]`: `[S, B, H, C, P + t, E]`."""
    *lead, _, width = own.shape
    repeated = xp.broadcast_to(prompt[:, :, :, None, :, :], (*lead, prompt.shape[-2], width))
    return xp.concat([repeated, own], axis=-2)


def _flat(xp: Namespace, x: Array) -> Array:
    """`[..., t, E]` to `[N, t, E]`: libraries multiply a flat batch of small matrices fastest."""
    return xp.reshape(x, (math.prod(x.shape[:-2]), *x.shape[-2:]))


def seen(own: np.ndarray[Any, Any], prompt_length: int) -> np.ndarray[Any, Any]:
    """A mask `[..., t, t]` of the own sequence, with the prompt before it seen whole: `[..., t, P + t]`."""
    return np.concatenate([np.zeros((*own.shape[:-1], prompt_length)), own], axis=-1)


def causal_mask(length: int) -> np.ndarray[Any, Any]:
    """`[t, t]`: `MASKED` where a position would see a later one, 0 elsewhere."""
    return np.triu(np.full((length, length), MASKED), k=1)


def split_heads(xp: Namespace, projected: Array, heads: int) -> tuple[Array, Array, Array]:
    """`[S, B, C, t, 3 D]` to queries, keys and values `[S, B, H, C, t, E]`."""
    *lead, width = projected.shape
    split = xp.reshape(projected, (*lead, 3, heads, width // (3 * heads)))
    split = xp.permute_dims(split, (4, 0, 1, 5, 2, 3, 6))
    return split[0, ...], split[1, ...], split[2, ...]


def merge_heads(xp: Namespace, attended: Array) -> Array:
    """`[S, B, H, C, t, E]` to `[S, B, C, t, D]`."""
    merged = xp.permute_dims(attended, (0, 1, 3, 4, 2, 5))
    *lead, heads, width = merged.shape
    return xp.reshape(merged, (*lead, heads * width))
