"""Completions that would be sampled alike are sampled once: the first of a prompt is a draft for the others.

Each completion has noise of its own, and a token follows from the noise and the prefix. So as long as another
completion has taken the tokens of the draft, its next token follows from the draft's log-probs; only what leaves the
draft is decoded by itself. The samples are those of decoding all of them.

In shapes: S seeds, B prompts, C completions per prompt, T tokens, M candidate tokens per position, R rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.policies.layers import rows_at

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array, Namespace

WORTH_IT = 0.5
"""Completions are decoded one by one where at most this share of them leaves the draft, else all together."""


class Draft(NamedTuple):
    """What all completions of a prompt sample along the first one.

    Attributes:
        candidates: `[S, B, C, T, M]` integer: right up to the first token that is not the draft's.
        follows: `[S, B, C]` boolean: right to the end.
    """

    candidates: Array
    follows: Array


class Drafted(NamedTuple):
    """A draft, and what is left to decode.

    Attributes:
        draft: What is known.
        places: `[S, R]` integer: places in B * C to decode; what pads it is used nowhere.
        row: `[S, B * C]` integer: of each completion, its row in R, and anything where the draft holds.
    """

    draft: Draft
    places: Array
    row: Array

    def rows(self, backend: Autodiff, noise: Array) -> Array:
        """Noise `[T, S, B, C, M]` of the completions to decode, as prompts of one: `[T, S, R, 1, M]`."""
        xp, (length, seeds, batch, count, drawn) = backend.namespace(), noise.shape
        by_completion = xp.reshape(xp.permute_dims(noise, (1, 2, 3, 0, 4)), (seeds, batch * count, length, drawn))
        return xp.permute_dims(rows_at(backend, by_completion, self.places)[:, :, None, ...], (3, 0, 1, 2, 4))

    def merge(self, backend: Autodiff, decoded: Array) -> Array:
        """The draft with what was decoded in its place, `[S, R, 1, T, M]`: `[S, B, C, T, M]`."""
        xp = backend.namespace()
        spread = xp.reshape(rows_at(backend, decoded[:, :, 0, ...], self.row), self.draft.candidates.shape)
        return xp.where(self.draft.follows[..., None, None], self.draft.candidates, spread)


def draft_of(xp: Namespace, candidates: Array) -> Draft:
    """Candidates `[S, B, C, T, M]` sampled along each prompt's first completion; nothing follows a last token."""
    taken = candidates[..., :-1, 0]
    return Draft(candidates, xp.all(taken == taken[:, :, :1, :], axis=-1))


def settle_draft(backend: Autodiff, draft: Draft) -> Drafted | None:
    """What is left to decode; none where so much is that all completions had better be decoded together."""
    follows = backend.to_numpy(draft.follows)
    leaves: Any = ~follows.reshape(follows.shape[0], -1)
    seeds, limit = leaves.shape
    count = int(leaves.sum(axis=1).max())
    if count > WORTH_IT * limit:
        return None
    places = np.zeros((seeds, backend.bucket_size(max(count, 1), limit)), np.int32)
    row = np.zeros((seeds, limit), np.int32)
    for seed, where in enumerate(map(np.flatnonzero, leaves)):
        places[seed, : len(where)] = where
        row[seed, where] = np.arange(len(where))
    return Drafted(draft, backend.shard(places), backend.shard(row))
