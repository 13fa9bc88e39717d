"""Reductions of per-token losses to one loss per group, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.core.loss import Loss
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace


class Tokens(NamedTuple):
    """Per-token losses summed over each candidate, with the counts that reductions divide by.

    Attributes:
        sums: `[..., K]` the loss of each candidate, summed over its valid tokens.
        counts: `[..., K]` how many valid tokens each candidate has.
        present: `[..., K]` 1 for a candidate with a valid token, 0 for one without.
    """

    sums: Array
    counts: Array
    present: Array


def _token_mean(xp: Namespace, tokens: Tokens) -> Loss:
    return Loss(xp.sum(tokens.sums, axis=-1), xp.sum(tokens.counts, axis=-1))


def _seq_mean_token_mean(xp: Namespace, tokens: Tokens) -> Loss:
    means = tokens.sums / xp.where(tokens.counts > 0, tokens.counts, xp.ones_like(tokens.counts))
    return Loss(xp.sum(means, axis=-1), xp.sum(tokens.present, axis=-1))


def _seq_mean_token_sum(xp: Namespace, tokens: Tokens) -> Loss:
    return Loss(xp.sum(tokens.sums, axis=-1), xp.sum(tokens.present, axis=-1))


def _group_mean_token_sum(xp: Namespace, tokens: Tokens) -> Loss:
    return Loss(xp.sum(tokens.sums, axis=-1), xp.max(tokens.present, axis=-1))


REDUCTIONS: dict[str, Callable[[Namespace, Tokens], Loss]] = {
    "token-mean": _token_mean,
    "seq-mean-token-mean": _seq_mean_token_mean,
    "seq-mean-token-sum": _seq_mean_token_sum,
    "group-mean-token-sum": _group_mean_token_sum,
}
"""Reductions by name. A name describes the loss of a batch from the outside in: the mean over all valid tokens; the
mean over candidates of the mean, or the sum, over their tokens; the mean over groups of the sum over all their
tokens."""


def reduce_tokens(xp: Namespace, losses: Array, valid: Array, name: str) -> Loss:
    """Reduce per-token losses to one loss per group.

    Args:
        xp: The library of the arrays.
        losses: `[..., K, T]`.
        valid: `[..., K, T]` boolean: the tokens that count.
        name: One of `REDUCTIONS`.

    Returns:
        A `Loss` with `[...]` values and weights; the weight is 0 for groups without valid tokens.
    """
    counts = xp.sum(xp.astype(valid, losses.dtype), axis=-1)
    sums = xp.sum(where_else(xp, valid, losses, 0.0), axis=-1)
    return REDUCTIONS[name](xp, Tokens(sums, counts, xp.astype(counts > 0, losses.dtype)))


def check_reduction(name: str) -> None:
    """Raise an error for an unknown reduction.

    Raises:
        UnknownNameError: The name is unknown.
    """
    look_up("reduction", name, REDUCTIONS)
