"""Rewards per candidate token of a completion.

Each takes the correctness of the tokens taken, `[S, B, C, T]`, and of the candidate tokens, `[S, B, C, T, M]`, as
numbers 0 or 1, and returns rewards `[S, B, C, T, M]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tpo import Array


def bag_of_tokens(xp: Any, taken: Array, candidates: Array) -> Array:
    """Reward 1 for each right token, whatever came before."""
    del xp, taken
    return candidates


def sequential(xp: Any, taken: Array, candidates: Array) -> Array:
    """Reward 1 for each right token if every token before it was right."""
    wrong = 1 - taken
    mistakes_before = xp.cumulative_sum(wrong, axis=-1) - wrong
    return xp.astype(mistakes_before == 0, candidates.dtype)[..., None] * candidates


def terminal(xp: Any, taken: Array, candidates: Array) -> Array:
    """Reward 1 for every token of a completion that is right from beginning to end."""
    return xp.prod(taken, axis=-1)[..., None, None] * xp.ones_like(candidates)


REWARDS = {"bag-of-tokens": bag_of_tokens, "sequential": sequential, "terminal": terminal}

WHOLE_COMPLETIONS = ("terminal",)
"""Rewards that are undefined for a candidate token whose continuation was not sampled."""
