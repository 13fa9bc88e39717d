"""Choosing where the weights of rows are computed: in micro-batches of whole groups, or from gathered log-probs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import torch

import tpo
from tpo.errors import InvalidArgumentError
from tpo_verl.refused import look_up

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from tpo_llm.settings import Settings

ACTOR = "actor_rollout_ref.actor"

WHY = "`algorithm.tpo.path` must not be whole here, since {why}; got it. Leave it out: the weights are then gathered."


def whole_micro_batches(
    config: Mapping[str, Any],
    settings: Settings,
    groups: Sequence[Hashable],
    lengths: Sequence[int],
    ranks: int,
) -> tuple[bool, int]:
    """Whether every micro-batch can hold whole groups, so that no extra pass is needed.

    Args:
        config: verl's configuration.
        settings: The algorithm, and the path that was asked for.
        groups: The group of each row, in the order of the ranks' shares.
        lengths: The tokens of each row, prompt and completion.
        ranks: The number of data-parallel ranks.

    Returns:
        Whether micro-batches will hold whole groups; and how many consecutive rows verl must keep together, 0 for none.

    Raises:
        InvalidArgumentError: The path `whole` was asked for, and is not possible.
    """
    why = "" if settings.path != "gather" else "the path gather was asked for"
    why = why or _obstacle(config, settings, groups, lengths, ranks)
    if why and settings.path == "whole":
        raise InvalidArgumentError(WHY.format(why=why))
    size = int(look_up(config, "actor_rollout_ref.rollout.n"))
    dynamic = bool(look_up(config, f"{ACTOR}.use_dynamic_bsz"))
    return not why, size if dynamic and not why else 0


def _obstacle(
    config: Mapping[str, Any],
    settings: Settings,
    groups: Sequence[Hashable],
    lengths: Sequence[int],
    ranks: int,
) -> str:
    """What prevents micro-batches of whole groups, in words; empty if nothing does."""
    size = int(look_up(config, "actor_rollout_ref.rollout.n"))
    share = len(groups) // ranks
    mini_batch = int(look_up(config, f"{ACTOR}.ppo_mini_batch_size")) * size // ranks
    if mini_batch % size or share % size:
        return f"a rank's share of a mini-batch, {mini_batch} rows, is no multiple of the group size, {size}"
    counts = Counter(groups)
    blocks = [groups[at : at + size] for at in range(0, len(groups), size)]
    if any(counts[block[0]] > 1 and (len(set(block)) > 1 or counts[block[0]] != size) for block in blocks):
        return "some groups are short, have several rows per candidate, or are split over ranks"
    if looks_across_groups(settings):
        return "the algorithm compares scores across groups"
    if look_up(config, f"{ACTOR}.use_dynamic_bsz"):
        room = int(look_up(config, f"{ACTOR}.ppo_max_token_len_per_gpu"))
        longest = max(sum(lengths[at : at + size]) for at in range(0, len(groups), size))
        return "" if longest <= room else f"a group of {longest} tokens exceeds ppo_max_token_len_per_gpu, {room}"
    rows = int(look_up(config, f"{ACTOR}.ppo_micro_batch_size_per_gpu"))
    return "" if rows % size == 0 else f"micro-batches of {rows} rows cut groups of {size}"


def looks_across_groups(settings: Settings) -> bool:
    """Whether the gradient of one group depends on the scores of another, found by trying."""
    generator = torch.Generator().manual_seed(0)
    shape = (2, 4, 3) if settings.takes_tokens else (2, 4)
    log_probs = -torch.rand(shape, generator=generator)
    scores = torch.tensor([[0.0, 1.0, 2.0, 4.0], [3.0, 0.0, 0.0, 0.0]])

    def first(scores: torch.Tensor) -> torch.Tensor:
        group = tpo.Group(
            scores=scores,
            old_log_probs=log_probs,
            rollout_log_probs=log_probs,
            token_mask=torch.ones_like(log_probs, dtype=torch.bool) if settings.takes_tokens else None,
        )
        return tpo.row_weights(settings.algorithm, group, log_probs)[0]

    return not torch.equal(first(scores), first(scores * torch.tensor([[1.0], [5.0]]) + torch.tensor([[0.0], [7.0]])))
