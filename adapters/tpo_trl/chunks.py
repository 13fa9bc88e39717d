"""The rows in chunks of TRL's rollout, and the arrays that carry the weights into TRL's loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from tpo_llm.rows import PLACE, SCORE, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo_llm.rows import Rows
    from tpo_llm.settings import Settings

Chunk = dict[str, Any]

OFFSET, OLD = "tpo_offset", "old_per_token_logps"
"""Names of arrays: what is added to TRL's loss, and `[B, T]` old log-probs."""

OURS = (PLACE, SCORE, OFFSET, OLD)
"""Arrays that TRL's loss does not see. Without old log-probs it takes the current ones, so that all ratios are 1."""

INPUTS = (
    *("pixel_values", "image_grid_thw", "num_images", "pixel_attention_mask", "spatial_shapes", "num_tiles"),
    *("image_sizes", "token_type_ids", "mm_token_type_ids", "image_position_ids"),
)
"""Inputs of the model beside tokens, as TRL names them."""


def placed(rollout: Chunk, scores: torch.Tensor, *, first_row: int, group_size: int) -> Chunk:
    """Add two fields to a process's rows: `PLACE`, with group and candidate, and `SCORE`.

    Args:
        rollout: From TRL.
        scores: `[N]`: the scores of all processes' rows; NaN for a completion without any.
        first_row: The number of the process's first row.
        group_size: K; groups are consecutive rows over all processes.
    """
    rows = len(rollout["completion_ids"])
    number = torch.arange(first_row, first_row + rows, device=scores.device)
    place = torch.stack(
        [number // group_size, number % group_size, torch.zeros_like(number), torch.full_like(number, group_size)], -1
    )
    return {**rollout, PLACE: place, SCORE: scores[first_row : first_row + rows]}


def token_mask(chunk: Chunk) -> torch.Tensor:
    """Which tokens TRL's loss counts, `[B, T]`."""
    mask: torch.Tensor = chunk["completion_mask"]
    return mask * chunk["tool_mask"] if "tool_mask" in chunk else mask


def rows_in(settings: Settings, chunks: Sequence[Chunk], now: torch.Tensor, old: torch.Tensor) -> Rows:
    """Build the rows of chunks; completions without a score are left out.

    Args:
        settings: The algorithm.
        chunks: Chunks of one rollout.
        now: `[N, T]` current log-probs of tokens, in nats.
        old: `[N, T]` old ones.
    """

    def joined(name: str) -> Any:
        return torch.cat([chunk[name] for chunk in chunks]) if name in chunks[0] else None

    score = joined(SCORE)
    scored = ~torch.isnan(score)
    return rows_of(
        settings,
        place=joined(PLACE),
        score=torch.where(scored, score, 0.0),
        token_mask=torch.cat([token_mask(chunk) for chunk in chunks]) * scored[:, None],
        old=old,
        now=now,
        rollout=joined("sampling_per_token_logps"),
        ref=joined("ref_per_token_logps"),
    )


def old_log_probs(chunks: Sequence[Chunk]) -> torch.Tensor:
    """Old log-probs, `[N, T]`; zeros where the algorithm does not depend on them before the policy has moved."""
    if OLD in chunks[0]:
        return torch.cat([chunk[OLD] for chunk in chunks])
    return torch.cat([torch.zeros_like(chunk["completion_mask"], dtype=torch.float32) for chunk in chunks])


def without_ours(chunk: Mapping[str, Any]) -> Chunk:
    """Remove the arrays named in `OURS`, so that TRL's loss does not see them."""
    return {name: value for name, value in chunk.items() if name not in OURS}


def take(rollout: Chunk, order: torch.Tensor) -> Chunk:
    """Reorder the rows of a rollout; what is no sequence over rows is left alone."""

    def taken(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value[order.to(value.device)] if value.ndim else value
        return None if value is None else [value[row] for row in order.tolist()]

    return {name: taken(value) for name, value in rollout.items()}
