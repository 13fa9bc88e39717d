"""Rows of completions, as trainers hold them, with the group and candidate that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import torch

from tpo import sequence_log_probs

if TYPE_CHECKING:
    from tpo_llm.settings import Settings

PADDING = -1
"""The group of rows that only fill a batch."""

PLACE = "tpo_place"
"""Field of rows in a trainer's batch, `[N, 4]` int64: the columns are those of `COLUMNS`."""

SCORE = "tpo_score"
"""Field of rows in a trainer's batch, a float32 number per row: the score of the candidate."""

COLUMNS = ("group", "candidate", "part", "members")
"""The columns of `place`: the first four attributes of `Rows`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Rows of completions. A candidate may have several rows, as when an agent takes several turns.

    W is the number of tokens, or 1 where log-probs are those of whole rows, summed over tokens.

    Attributes:
        group: `[N]` int64: the index of the prompt; `PADDING` for rows that only fill the batch.
        candidate: `[N]` int64: the index of the candidate within its group.
        part: `[N]` int64: the position of the row within its candidate.
        members: `[N]` int64: how many rows the whole group has.
        score: `[N]` float32: the score of the candidate, the same in all its rows.
        lengths: `[N]` int64: how many tokens count.
        mask: `[N, W]` boolean: true where there is a token that counts.
        old: `[N, W]` float32, in nats: old log-probs, under the policy before the update.
        now: `[N, W]` float32, in nats: log-probs under the current policy.
        rollout: `[N, W]` float32, in nats: rollout log-probs, by the engine that sampled, or `None`.
        ref: `[N, W]` float32, in nats: reference log-probs, under a fixed policy, or `None`.
    """

    group: torch.Tensor
    candidate: torch.Tensor
    part: torch.Tensor
    members: torch.Tensor
    score: torch.Tensor
    lengths: torch.Tensor
    mask: torch.Tensor
    old: torch.Tensor
    now: torch.Tensor
    rollout: torch.Tensor | None = None
    ref: torch.Tensor | None = None

    def take(self, index: torch.Tensor) -> Rows:
        """Select rows by an index, `[M]` int64."""
        return self.map(lambda array: array[index])

    def map(self, function: Any) -> Rows:
        """Apply a function to every array."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        arrays: Any = {name: None if array is None else function(array) for name, array in given.items()}
        return Rows(**arrays)


def rows_of(
    settings: Settings,
    *,
    place: torch.Tensor,
    score: torch.Tensor,
    token_mask: torch.Tensor,
    **log_probs: torch.Tensor | None,
) -> Rows:
    """Build rows from a trainer's padded arrays, keeping what the algorithm takes.

    Args:
        settings: Tells whether log-probs stay those of tokens, and which ones are needed.
        place: `[N, 4]` int64: group, candidate, part, and how many rows the group has.
        score: `[N]`: the score of the row's candidate.
        token_mask: `[N, R]`, not 0 where a token counts.
        **log_probs: `old`, `now`, and perhaps `rollout` and `ref`: `[N, R]` log-probs of tokens, in nats.

    Returns:
        The rows, with W = R if the algorithm takes tokens, else W = 1.
    """
    mask = token_mask.bool()
    lengths = mask.sum(-1)
    needed = {"rollout": settings.needs_rollout_log_probs}
    kept = {name: array for name, array in log_probs.items() if array is not None and needed.get(name, True)}
    arrays = {name: torch.where(mask, array.detach().float(), 0.0) for name, array in kept.items()}
    if not settings.takes_tokens:
        arrays = {name: sequence_log_probs(array, mask)[:, None] for name, array in arrays.items()}
        mask = torch.ones_like(lengths, dtype=torch.bool)[:, None]
    of_place = dict(zip(COLUMNS, place.long().unbind(-1), strict=True))
    return Rows(**of_place, score=score.float(), lengths=lengths, mask=mask, **arrays)
