"""The seeds of a training computed one after another, which is what a CPU does best.

XLA multiplies a batch of matrices on a CPU at some .6 of the rate at which it multiplies one of them, and the arrays of
many seeds do not fit into the caches that those of one fit into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    from collections.abc import Callable


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, computed for one seed at a time.

    Its arguments and its result are trees of arrays with the seeds as axis 0; an array without axes is the same for all
    seeds.
    """

    def looped(*trees: Any) -> Any:
        seeds = next(leaf.shape[0] for leaf in jax.tree.leaves(trees) if leaf.ndim)
        if seeds == 1:
            return function(*trees)

        def of_one(number: Any) -> Any:
            return function(*jax.tree.map(lambda leaf: _one(leaf, number), trees))

        return jax.tree.map(_together, jax.lax.map(of_one, jax.numpy.arange(seeds)))

    return looped


def _one(leaf: Any, number: Any) -> Any:
    """`[S, ...]` to `[1, ...]`."""
    return jax.lax.dynamic_slice_in_dim(leaf, number, 1) if leaf.ndim else leaf


def _together(stacked: Any) -> Any:
    """`[S, 1, ...]` to `[S, ...]`, and what each seed has the same `[S]` to `[]`."""
    return stacked[:, 0] if stacked.ndim > 1 else stacked[0]
