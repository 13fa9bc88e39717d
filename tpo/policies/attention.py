"""Multi-head attention of completions that share a prompt.

In shapes: S seeds, B prompts, C completions per prompt, P prompt tokens, t tokens, D width, H heads, E = D / H.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.policies.layers import softmax

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array, Namespace

MASKED = -1e9
"""Added to the scores of masked positions; their weight underflows to 0."""

KeysValues = tuple[Any, Any]
"""Keys and values, `[S, B, H, P, E]` of a prompt or `[S, B, H, C, t, E]` of completions."""


def attention(backend: Autodiff, query: Array, own: KeysValues, mask: Array, prompt: KeysValues | None = None) -> Array:
    """Softmax attention of `[S, B, H, C, t, E]` queries to their own sequence, and to its prompt if given.

    `mask`, `[t, t]`, is added to the scores of the own sequence; the whole prompt is visible. The prompt's keys and
    values are not repeated per completion: the queries of all its completions are multiplied with them at once.
    """
    xp = backend.namespace()
    query = query * query.shape[-1] ** -0.5
    own_key, own_value = (_flat(xp, part) for part in own)
    scores = _scores(xp, query, own_key) + mask
    if prompt is None:
        return xp.reshape(xp.matmul(softmax(backend, scores), own_value), query.shape)
    prompt_key, prompt_value = (_flat(xp, part) for part in prompt)
    seen_of_prompt, length = _scores(xp, query, prompt_key), prompt_key.shape[-2]
    seen_of_prompt = xp.reshape(seen_of_prompt, (*scores.shape[:-1], length))
    weights = softmax(backend, xp.concat([seen_of_prompt, scores], axis=-1))
    of_own = xp.matmul(weights[..., length:], own_value)
    of_prompt = xp.matmul(xp.reshape(weights[..., :length], (prompt_key.shape[0], -1, length)), prompt_value)
    return xp.reshape(of_own, query.shape) + xp.reshape(of_prompt, query.shape)


def _scores(xp: Namespace, query: Array, key: Array) -> Array:
    """Attention scores `[N, t', t]`: products of queries, t' per sequence, with keys `[N, t, E]` of N sequences."""
    rows = math.prod(query.shape[:-1]) // key.shape[0]
    return xp.matmul(xp.reshape(query, (key.shape[0], rows, query.shape[-1])), xp.matrix_transpose(key))


def _flat(xp: Namespace, x: Array) -> Array:
    """Flatten leading axes, `[..., t, E]` to `[N, t, E]`: libraries multiply a flat batch of small matrices fastest."""
    return xp.reshape(x, (math.prod(x.shape[:-2]), *x.shape[-2:]))


def causal_mask(length: int) -> np.ndarray[Any, Any]:
    """Additive causal mask `[t, t]`: `MASKED` above the diagonal, 0 elsewhere."""
    return np.triu(np.full((length, length), MASKED), k=1)


def split_heads(xp: Namespace, projected: Array, heads: int) -> tuple[Array, Array, Array]:
    """Split `[S, B, C, t, 3 D]` into queries, keys and values `[S, B, H, C, t, E]`."""
    *lead, width = projected.shape
    split = xp.reshape(projected, (*lead, 3, heads, width // (3 * heads)))
    query, key, value = xp.unstack(xp.permute_dims(split, (4, 0, 1, 5, 2, 3, 6)))
    return query, key, value


def merge_heads(xp: Namespace, attended: Array) -> Array:
    """Concatenate heads, `[S, B, H, C, t, E]` to `[S, B, C, t, D]`."""
    merged = xp.permute_dims(attended, (0, 1, 3, 4, 2, 5))
    *lead, heads, width = merged.shape
    return xp.reshape(merged, (*lead, heads * width))
