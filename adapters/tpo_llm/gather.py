"""Exchanging rows between data-parallel ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from tpo_llm.shares import widened

if TYPE_CHECKING:
    from tpo_llm.rows import Rows


def gather_rows(rows: Rows, group: Any = None) -> Rows:
    """Collect the rows of all ranks of a process group, in the order of the ranks; each has equally many.

    Args:
        rows: The rows of this rank.
        group: The data-parallel process group; `None` for all processes. Ranks of sequence or context parallelism,
            which hold the same rows, must not be in it.

    Returns:
        The rows of all ranks, with log-probs padded to the longest row of all.
    """
    if not dist.is_initialized() or dist.get_world_size(group) == 1:
        return rows
    width = torch.tensor(rows.now.shape[-1], device=rows.now.device)
    dist.all_reduce(width, op=dist.ReduceOp.MAX, group=group)
    return rows.map(lambda array: gather(widened(array, int(width)), group))


def gather(array: torch.Tensor, group: Any = None) -> torch.Tensor:
    """Collect an array, `[N, ...]` with the same shape on every rank, to `[ranks * N, ...]`, in the order of ranks."""
    if not dist.is_initialized():
        return array
    # Booleans are sent as bytes: not every backend has them.
    sent = array.to(torch.uint8) if array.dtype == torch.bool else array
    received = [torch.empty_like(sent) for _ in range(dist.get_world_size(group))]
    dist.all_gather(received, sent.contiguous(), group=group)
    return torch.cat(received).to(array.dtype)
