"""Finding the answer in a completion."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import Match, Pattern

LONGEST = 10_000
"""The number of characters at the end of a completion that are read: the answer comes last."""

INSTRUCTION = "Think step by step. Then give your answer between <answer> and </answer>."
"""The sentence at the end of a prompt that asks for a tagged answer."""

MARKER = re.compile(r"####|answer:", re.IGNORECASE)
LANGUAGE = re.compile(r"\A[\w+-]*\n")
"""Pattern of the rest of the line that opens a fenced block."""

FENCE = "```"
AROUND = " \t\r\n*`"
"""Characters around an answer that do not belong to it."""


def answer_in(completion: str) -> str:
    """Extract the answer: in the last `<answer>` tag, or else after the last `####` or `Answer:`, or else all.

    If that has fenced blocks, it is the last of them. Only the last `LONGEST` characters are read.
    """
    return _fenced(_marked(completion[-LONGEST:])).strip(AROUND)


def last_match(pattern: Pattern[str], text: str) -> Match[str] | None:
    """Find the last match of a pattern; `None` if there is none."""
    # One at a time: keeping thousands of them makes Python collect garbage, which takes a tenth of a second.
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def _marked(text: str) -> str:
    _, opened, after = text.rpartition("<answer>")
    if opened:
        return after.partition("</answer>")[0]
    marker = last_match(MARKER, text)
    return text[marker.end() :] if marker else text


def _fenced(text: str) -> str:
    parts = text.split(FENCE)
    # Every second part is inside of a block; one that is not closed is none.
    closed = parts[1:-1:2]
    return LANGUAGE.sub("", closed[-1]) if closed else text
