"""Deduplicating completions, so that equal completions of a prompt are evaluated once.

In shapes: S seeds, B prompts, C completions per prompt, T tokens, R rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array


class Distinct(NamedTuple):
    """Indices of the distinct completions of each seed, and the inverse mapping.

    Attributes:
        first: `[S, R]` integer: the index in B * C of one copy of each distinct completion; padding is never used.
        row: `[S, B * C]` integer: for each completion, its index in R.
    """

    first: Array
    row: Array


def distinct(backend: Autodiff, completions: Array) -> Distinct:
    """Find the distinct completions of each prompt among `[S, B, C, T]`, ignoring the last token.

    The last token is never an input of the policy: no token follows it.
    """
    tokens = backend.to_numpy(completions)[..., :-1]
    seeds, batch, count, length = tokens.shape
    prompt = np.broadcast_to(np.arange(batch)[:, None, None], (batch, count, 1))
    limit = batch * count
    found = [
        np.unique(
            np.concatenate([prompt, one], axis=-1).reshape(limit, 1 + length),
            axis=0,
            return_index=True,
            return_inverse=True,
        )[1:]
        for one in tokens
    ]
    first = np.zeros((seeds, backend.bucket_size(max(len(places) for places, _ in found), limit)), np.int32)
    for seed, (places, _) in enumerate(found):
        first[seed, : len(places)] = places
    row = np.stack([inverse.reshape(limit) for _, inverse in found]).astype(np.int32)
    return Distinct(backend.shard(first), backend.shard(row))
