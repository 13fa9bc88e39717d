"""Checking answers in arrays of tokens: a completion is right if it ends by itself, with the right answer after `#`.

In shapes: S seeds, B prompts, C completions per prompt, T tokens, A tokens of the longest answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo_tasks.words.characters import END, PADDING

if TYPE_CHECKING:
    from tpo import Array, Autodiff


def is_right(backend: Autodiff, completions: Array, mask: Array, endings: Array) -> Array:
    """Whether completions end with the right text and an end token.

    Args:
        backend: Whose arrays these are.
        completions: `[S, B, C, T]` integer.
        mask: `[S, B, C, T]` boolean: the tokens up to the end, from `tpo.until_end`.
        endings: `[S, B, A]` integer, padded on the left, with A below T: texts such as `#8`.

    Returns:
        `[S, B, C]` boolean.
    """
    xp, answer = backend.namespace(), endings.shape[-1]
    length = xp.sum(xp.astype(mask, completions.dtype), axis=-1)[..., None]
    positions = backend.asarray(np.arange(completions.shape[-1]))
    right = xp.any((completions == END) & mask, axis=-1)
    for index in range(answer):
        expected = endings[:, :, None, None, index]
        # The end token is at `length - 1`, the last token of the answer before it.
        here: Any = positions == length - 1 - answer + index
        found = xp.any(here & (completions == expected), axis=-1)
        right = right & (found | (expected[..., 0] == PADDING))
    return right
