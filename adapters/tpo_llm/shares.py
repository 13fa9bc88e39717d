"""The rows of all ranks, and each rank's share of them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import torch

from tpo_llm.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence


def widened(array: torch.Tensor, width: int) -> torch.Tensor:
    """Pad the tokens of an array, `[N, W]`, to a width; arrays of one number per row are left alone."""
    return array if array.ndim == 1 else torch.nn.functional.pad(array, (0, width - array.shape[-1]))


def join_shares(shares: Sequence[Rows]) -> Rows:
    """Join the rows of all ranks, in the order of the ranks, padded to the longest row of all."""
    width = max(share.now.shape[-1] for share in shares)
    arrays = {one.name: [getattr(share, one.name) for share in shares] for one in fields(Rows)}
    joined: Any = {
        name: None if parts[0] is None else torch.cat([widened(part, width) for part in parts])
        for name, parts in arrays.items()
    }
    return Rows(**joined)


def own_share(array: torch.Tensor, rank: int, like: torch.Tensor) -> torch.Tensor:
    """Cut the share of a rank, shaped as `like`, `[N, W]`, out of an array of all ranks' rows, `[ranks * N, ...]`."""
    return array[rank * len(like) : (rank + 1) * len(like), : like.shape[-1]]
