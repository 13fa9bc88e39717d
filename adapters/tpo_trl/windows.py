"""Which rows of a rollout an optimizer step sees, and in which order.

TRL cuts each process's rows into chunks, one per micro-batch; a window is the chunks of one optimizer step.
"""

from __future__ import annotations

import torch


def row_order(rows: int, first_row: int, group_size: int) -> torch.Tensor:
    """Shuffle the rows of a process, keeping each group together if its rows are all on this process.

    Args:
        rows: The number of rows of the process.
        first_row: The number of its first row among those of all processes.
        group_size: K; groups are consecutive rows over all processes.

    Returns:
        `[rows]` int64: a random order of whole groups, or of rows where a group is split over processes.
    """
    if rows % group_size or first_row % group_size:
        return torch.randperm(rows)
    return (torch.randperm(rows // group_size)[:, None] * group_size + torch.arange(group_size)).flatten()


def segment(chunk: int, chunks: int, *, done: int, window: int) -> range:
    """The chunks from `chunk` on that one optimizer step sees in this pass over the rollout.

    Args:
        chunk: The next chunk.
        chunks: How many the rollout has.
        done: How many micro-batches of the window are done.
        window: Micro-batches per optimizer step.
    """
    return range(chunk, min(chunk + window - done, chunks))


def are_whole(groups: torch.Tensor, group_size: int) -> bool:
    """Whether rows hold nothing but whole groups, from the number of each row's group, `[N]`."""
    counts = torch.bincount(groups)
    return bool(((counts == 0) | (counts == group_size)).all())
