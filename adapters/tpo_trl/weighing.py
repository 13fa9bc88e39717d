"""The weights of the rows of an optimizer step, in the units of TRL's loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from tpo_llm.gather import gather, gather_rows
from tpo_llm.rows import PLACE
from tpo_llm.shares import own_share
from tpo_llm.weights import weigh
from tpo_trl.chunks import OFFSET, old_log_probs, rows_in, token_mask
from tpo_trl.windows import are_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tpo_llm.settings import Settings
    from tpo_llm.weights import Weighed
    from tpo_trl.chunks import Chunk


class Share(NamedTuple):
    """The part of an optimizer step that is to be weighed.

    Attributes:
        chunks: Which chunks of the rollout it sees.
        window: Micro-batches of the optimizer step; it may see chunks of several rollouts.
        process: The number of this process.
        processes: How many there are.
    """

    chunks: range
    window: int
    process: int
    processes: int


def weigh_chunks(
    settings: Settings, rollout: Sequence[Chunk], share: Share, now: Callable[[Sequence[Chunk]], torch.Tensor] | None
) -> tuple[list[Chunk], Weighed]:
    """Put the weights of rows where TRL keeps advantages.

    If the step's rows are no whole groups, groups are completed by the other rows of the rollout. The gradient is then
    that of a random part of the rows, scaled to be right on average.

    Args:
        settings: The algorithm.
        rollout: All chunks of this process.
        share: Which of them the step sees.
        now: Computes current log-probs of the tokens of chunks, `[N, T]` in nats; `None` if the policy has not moved.

    Returns:
        The chunks of the share, and the groups with the weights of all processes' rows.
    """
    seen = [rollout[chunk] for chunk in share.chunks]
    places = gather(torch.cat([chunk[PLACE] for chunk in seen]))
    whole = are_whole(places[:, 0], int(places[0, 3]))
    completed = seen if whole else rollout
    old = old_log_probs(completed)
    rows = rows_in(settings, completed, old if now is None else now(completed), old)
    weighed = weigh(settings, gather_rows(rows))
    weights = torch.split(
        own_share(weighed.weights, share.process, rows.now), [len(one["advantages"]) for one in completed]
    )
    own = weights if whole else weights[share.chunks.start : share.chunks.stop]
    value = weighed.loss / share.window
    total = weighed.total
    scale = torch.where(total > 0, len(completed) / total.clamp(min=torch.finfo(total.dtype).tiny), 0.0)
    return [
        _loaded(chunk, one, scale, value, share, len(rollout)) for chunk, one in zip(seen, own, strict=True)
    ], weighed


def _loaded(
    chunk: Chunk, weights: torch.Tensor, scale: torch.Tensor, value: torch.Tensor, share: Share, chunks: int
) -> Chunk:
    """Load a chunk with weights, so that TRL's loss has the gradient of the algorithm's loss, and its value.

    TRL divides the sum over `-advantages` by the tokens of the rollout and by the window over the chunks, and averages
    over processes. All of that is undone here.
    """
    tokens = chunk["num_items_in_batch"].clamp(min=1.0)
    mask = token_mask(chunk)
    advantages = -(weights * mask) * scale * tokens / chunks
    normalizer = tokens / share.processes * share.window / chunks
    offset = value + (advantages * mask).sum() / normalizer
    return {**chunk, "advantages": advantages, OFFSET: offset}
