"""Exchanging rows between data-parallel ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from tpo_llm.shares import widened

if TYPE_CHECKING:
    from tpo_llm.rows import Rows


def gather_rows(rows: Rows, group: Any) -> Rows:
    """Collect the rows of all ranks of a process group, in the order of the ranks; each has equally many.

    Args:
        rows: The rows of this rank.
        group: The data-parallel process group. Ranks of sequence or context parallelism, which hold the same rows,
            must not be in it.

    Returns:
        The rows of all ranks, with log-probs padded to the longest row of all.
    """
    ranks = dist.get_world_size(group)
    if ranks == 1:
        return rows
    width = torch.tensor(rows.now.shape[-1], device=rows.now.device)
    dist.all_reduce(width, op=dist.ReduceOp.MAX, group=group)
    return rows.map(lambda array: _gathered(widened(array, int(width)), group))


def _gathered(array: torch.Tensor, group: Any) -> torch.Tensor:
    # Booleans are sent as bytes: not every backend has them.
    sent = array.to(torch.uint8) if array.dtype == torch.bool else array
    received = [torch.empty_like(sent) for _ in range(dist.get_world_size(group))]
    dist.all_gather(received, sent.contiguous(), group=group)
    return torch.cat(received).to(array.dtype)
