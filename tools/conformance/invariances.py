"""Invariances of the exact tier, as pairs of inputs with equal results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.testing.golden.corpus import Block

POWER = 13


class Change(NamedTuple):
    """A change of inputs that must not change results.

    Attributes:
        arrays: The changed log-probs, scores and mask.
        undo: Maps the changed results to the shape and order of the original results.
        groups: The original groups that were changed.
    """

    arrays: list[np.ndarray]
    undo: Callable[[np.ndarray], np.ndarray]
    groups: slice


EVERY = slice(None)


def permutation(block: Block) -> Change:
    """Permute the candidates."""
    order = np.random.default_rng(0).permutation(block.scores.shape[-1])
    arrays = [array[:, order] for array in block[:3]]
    return Change(arrays, lambda result: result[:, np.argsort(order)], EVERY)


def padding(block: Block) -> Change:
    """Append masked slots, which contain numbers."""
    size = block.scores.shape[-1]
    behind = (0, 0), (0, size // 2 + 1)
    fillers = -7.0, 7.0, False
    arrays = [np.pad(array, behind, constant_values=x) for array, x in zip(block[:3], fillers, strict=True)]
    return Change(arrays, lambda result: result[:, :size], EVERY)


def batching(block: Block) -> Change:
    """Reshape a few of the groups to two leading axes."""
    some = slice(3, 3 + len(block.names) // 20 * 10, 10)
    arrays = [array[some] for array in block[:3]]
    shape = arrays[0].shape
    return Change([a.reshape(1, *shape) for a in arrays], lambda result: result.reshape(shape), some)


def scaling(block: Block) -> Change:
    """Divide all scores of a group by a power of two, where that is exact."""
    scaled = np.ldexp(block.scores, -POWER)
    exact = ((np.abs(scaled) >= np.finfo(scaled.dtype).tiny) | (scaled == 0)).all(-1, keepdims=True)
    arrays = [block.log_probs, np.where(exact, scaled, block.scores), block.mask]
    return Change(arrays, lambda result: result, EVERY)


CHANGES: dict[str, Callable[[Block], Change]] = {
    "permutation": permutation,
    "padding": padding,
    "batching": batching,
    "power of two": scaling,
}
