"""Each rank's share of the rows of all ranks."""

from __future__ import annotations

import torch


def widened(array: torch.Tensor, width: int) -> torch.Tensor:
    """Pad the tokens of an array, `[N, W]`, to a width; arrays of one number per row are left alone."""
    return array if array.ndim == 1 else torch.nn.functional.pad(array, (0, width - array.shape[-1]))


def own_share(array: torch.Tensor, rank: int, like: torch.Tensor) -> torch.Tensor:
    """Cut the rows of a rank out of an array with the rows of all ranks.

    Args:
        array: `[ranks * N, W2]`, the rows of rank 0 first, with W2 at least W.
        rank: The number of the rank, from 0.
        like: `[N, W]`; only its shape is read.

    Returns:
        `[N, W]`, of the dtype of `array`: its rows from `rank * N` on, and their first W tokens.
    """
    return array[rank * len(like) : (rank + 1) * len(like), : like.shape[-1]]
