"""Running the seeds one after another, which is fastest on a CPU.

On a CPU, XLA multiplies a batch of matrices at about .6 of the rate of a single matrix, and arrays of many seeds do
not fit into the caches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

from tpo import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `function` to run for one seed at a time.

    Arguments and result are trees of arrays with the seeds as axis 0; scalars are shared by all seeds.

    Raises:
        InvalidArgumentError: When it is called: an array, or one of the result, has another axis 0.
    """

    def looped(*trees: Any) -> Any:
        seeds = next(leaf.shape[0] for leaf in jax.tree.leaves(trees) if leaf.ndim)
        _check_axes(trees, seeds)
        if seeds == 1:
            return function(*trees)

        def of_one(number: Any) -> Any:
            found = function(*jax.tree.map(lambda leaf: _one(leaf, number), trees))
            _check_result(found)
            return found

        return jax.tree.map(_together, jax.lax.map(of_one, jax.numpy.arange(seeds)))

    return looped


def _check_axes(tree: Any, seeds: int) -> None:
    """Raise an error for arrays whose axis 0 is not the seeds, since they cannot be sliced per seed."""
    for leaf in jax.tree.leaves(tree):
        if leaf.ndim and leaf.shape[0] != seeds:
            message = f"arrays of a training must have the seeds as axis 0, or no axis; got shape {leaf.shape} for"
            raise InvalidArgumentError(f"{message} {seeds} seeds. Repeat along a new axis 0 what all seeds share.")


def _check_result(tree: Any) -> None:
    """Raise an error for results of one seed whose axis 0 is not that seed, since they cannot be merged."""
    for leaf in jax.tree.leaves(tree):
        if leaf.ndim and leaf.shape[0] != 1:
            message = f"the function's result must keep the seeds as axis 0; for one seed got shape {leaf.shape}."
            raise InvalidArgumentError(f"{message} Return arrays with an axis 0 as long as that of the arguments.")


def _one(leaf: Any, number: Any) -> Any:
    """Slice one seed, `[S, ...]` to `[1, ...]`."""
    return jax.lax.dynamic_slice_in_dim(leaf, number, 1) if leaf.ndim else leaf


def _together(stacked: Any) -> Any:
    """Merge the results of the seeds: `[S, 1, ...]` to `[S, ...]`, and shared scalars `[S]` to `[]`."""
    return stacked[:, 0] if stacked.ndim > 1 else stacked[0]
