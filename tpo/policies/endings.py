"""Completions that end with an end token: a mask excludes the tokens after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.ops import namespace_of

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array


def until_end(tokens: Array, end: int) -> Array:
    """Mask of the tokens that belong to each completion: those up to its first end token, which is included.

    Args:
        tokens: `[..., T]` integer.
        end: The end token. A completion without one has all of its T tokens.

    Returns:
        `[..., T]` boolean.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.until_end(np.asarray([[5, 0, 5, 0], [5, 5, 5, 5]]), end=0)
        array([[ True,  True, False, False],
               [ True,  True,  True,  True]])
    """
    xp = namespace_of(tokens)
    ends = xp.astype(tokens == end, tokens.dtype)
    return xp.cumulative_sum(ends, axis=-1) - ends == 0
