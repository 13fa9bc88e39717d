"""Exchanging rows between data-parallel ranks."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

from tpo_llm.rows import Rows
from tpo_llm.shares import join_shares, widened

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    arrays = {one.name: getattr(rows, one.name) for one in fields(Rows)}
    parts = {
        name: None if array is None else _gathered(widened(array, int(width)), group) for name, array in arrays.items()
    }
    return join_shares([_share(parts, rank) for rank in range(ranks)])


def _share(parts: Mapping[str, Any], rank: int) -> Rows:
    arrays: Any = {name: None if part is None else part[rank] for name, part in parts.items()}
    return Rows(**arrays)


def _gathered(array: torch.Tensor, group: Any) -> list[torch.Tensor]:
    # Booleans are sent as bytes: not every backend has them.
    sent = array.to(torch.uint8) if array.dtype == torch.bool else array
    received = [torch.empty_like(sent) for _ in range(dist.get_world_size(group))]
    dist.all_gather(received, sent.contiguous(), group=group)
    return [part.to(array.dtype) for part in received]
