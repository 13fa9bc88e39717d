"""Drafts: the first completion of a prompt is decoded, and others are decoded only if they differ from it.

Each completion has its own noise, and a token is a function of the noise and the prefix. So while another completion
has the same prefix as the draft, its next token follows from the draft's log-probs; only completions that leave the
draft are decoded by themselves. The samples are the same as if all completions were decoded.

In shapes: S seeds, B prompts, C completions per prompt, T tokens, M candidate tokens per position, R rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.policies.layers import rows_at

if TYPE_CHECKING:
    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array, Namespace

LARGEST_LEAVING_SHARE = 0.5
"""Largest share of completions leaving the draft at which they are decoded separately; above it, all are decoded."""


class Draft(NamedTuple):
    """Tokens that all completions of a prompt would sample if their prefix were that of the first completion.

    Attributes:
        candidates: `[S, B, C, T, M]` integer: correct up to the first token that differs from the draft.
        follows: `[S, B, C]` boolean: whether they are correct to the end.
    """

    candidates: Array
    follows: Array


class Drafted(NamedTuple):
    """A draft with the completions that leave it, which are still to be decoded.

    Attributes:
        draft: The draft.
        places: `[S, R]` integer: indices in B * C of the completions to decode; padding is never used.
        row: `[S, B * C]` integer: for each completion to decode, its index in R; arbitrary for the others.
    """

    draft: Draft
    places: Array
    row: Array

    def rows(self, backend: Autodiff, noise: Array) -> Array:
        """Select the noise of the completions to decode, `[T, S, B, C, M]` to `[T, S, R, 1, M]`."""
        xp, (length, seeds, batch, count, drawn) = backend.namespace(), noise.shape
        by_completion = xp.reshape(xp.permute_dims(noise, (1, 2, 3, 0, 4)), (seeds, batch * count, length, drawn))
        return xp.permute_dims(rows_at(backend, by_completion, self.places)[:, :, None, ...], (3, 0, 1, 2, 4))

    def merge(self, backend: Autodiff, decoded: Array) -> Array:
        """Insert decoded completions, `[S, R, 1, T, M]`, into the draft: all completions `[S, B, C, T, M]`."""
        xp = backend.namespace()
        spread = xp.reshape(rows_at(backend, decoded[:, :, 0, ...], self.row), self.draft.candidates.shape)
        return xp.where(self.draft.follows[..., None, None], self.draft.candidates, spread)


def draft_of(xp: Namespace, candidates: Array) -> Draft:
    """Build the draft from candidates `[S, B, C, T, M]` sampled along each prompt's first completion.

    The last token is not compared, since no token follows it.
    """
    taken = candidates[..., :-1, 0]
    return Draft(candidates, xp.all(taken == taken[:, :, :1, :], axis=-1))


def settle_draft(backend: Autodiff, draft: Draft) -> Drafted | None:
    """Find the completions that leave the draft; `None` if they are so many that decoding all is cheaper."""
    follows = backend.to_numpy(draft.follows)
    leaves: Any = ~follows.reshape(follows.shape[0], -1)
    seeds, limit = leaves.shape
    count = int(leaves.sum(axis=1).max())
    if count > LARGEST_LEAVING_SHARE * limit:
        return None
    places = np.zeros((seeds, backend.bucket_size(max(count, 1), limit)), np.int32)
    row = np.zeros((seeds, limit), np.int32)
    for seed, where in enumerate(map(np.flatnonzero, leaves)):
        places[seed, : len(where)] = where
        row[seed, where] = np.arange(len(where))
    return Drafted(draft, backend.shard(places), backend.shard(row))
