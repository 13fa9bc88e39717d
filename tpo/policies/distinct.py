"""Completions that were sampled several times are evaluated once.

In shapes: S seeds, B prompts, C completions per prompt, T tokens, R rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array


class Distinct(NamedTuple):
    """Where the distinct completions of each seed stand, and which of them each completion is.

    Attributes:
        first: `[S, R]` integer: one place in B * C for each of them; what pads it is used nowhere.
        row: `[S, B * C]` integer: of each completion, its row in R.
    """

    first: Array
    row: Array


def distinct(backend: Autodiff, completions: Array) -> Distinct:
    """The distinct ones of completions `[S, B, C, T]`, per prompt, but for last tokens, which nothing follows."""
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
