"""Each rank's share of the rows of all ranks."""

from __future__ import annotations

import torch


def widened(array: torch.Tensor, width: int) -> torch.Tensor:
    """Pad the tokens of an array, `[N, W]`, to a width; arrays of one number per row are left alone."""
    return array if array.ndim == 1 else torch.nn.functional.pad(array, (0, width - array.shape[-1]))


def own_share(array: torch.Tensor, rank: int, like: torch.Tensor) -> torch.Tensor:
    """Cut the share of a rank, shaped as `like`, `[N, W]`, out of an array of all ranks' rows, `[ranks * N, ...]`."""
    return array[rank * len(like) : (rank + 1) * len(like), : like.shape[-1]]
