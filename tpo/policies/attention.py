"""Multi-head attention of completions that share a prompt.

In shapes: S seeds, B prompts, C completions per prompt, P prompt tokens, t tokens, D width, H heads, E = D / H.
"""

from __future__ import annotations

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

    `mask` is added to the scores of the own sequence; the prompt is seen whole.
    """
    xp = backend.namespace()
    query = query * (query.shape[-1] ** -0.5)
    key, value = own
    scores = xp.matmul(query, xp.matrix_transpose(key)) + mask
    if prompt is None:
        return xp.matmul(softmax(backend, scores), value)
    prompt_key, prompt_value = prompt
    *lead, completions, length, width = query.shape
    seen = prompt_key.shape[-2]
    rows = xp.reshape(query, (*lead, completions * length, width))
    to_prompt = xp.reshape(xp.matmul(rows, xp.matrix_transpose(prompt_key)), (*lead, completions, length, seen))
    weights = softmax(backend, xp.concat([to_prompt, scores], axis=-1))
    on_prompt = xp.reshape(weights[..., :seen], (*lead, completions * length, seen))
    from_prompt = xp.reshape(xp.matmul(on_prompt, prompt_value), query.shape)
    return from_prompt + xp.matmul(weights[..., seen:], value)


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
