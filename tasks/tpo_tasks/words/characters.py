"""Texts as arrays of tokens, one per character."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

PADDING, END = 0, 1
"""The token before a prompt that is shorter than others, and the one that ends a completion."""

CHARACTERS = " .,?+-=#0123456789abcdefghijklmnopqrstuvwxyz"
FIRST = 2
VOCABULARY = FIRST + len(CHARACTERS)
TOKENS = {character: FIRST + index for index, character in enumerate(CHARACTERS)}

Tokens = np.ndarray[Any, np.dtype[np.int32]]


def prompts_of(texts: Sequence[str], length: int) -> Tokens:
    """Encode texts as prompts `[N, P]`, padded on the left, so that all end at the same position.

    Padding is a token like any other, which the policy sees: a prompt is always of `length` tokens, and needs no mask.
    """
    return np.asarray([[PADDING] * (length - len(text)) + [TOKENS[one] for one in text] for text in texts], np.int32)


def completions_of(texts: Sequence[str], length: int) -> Tokens:
    """Encode texts as completions `[N, T]`: the end token follows each, up to `length`."""
    return np.asarray([[TOKENS[one] for one in text] + [END] * (length - len(text)) for text in texts], np.int32)
