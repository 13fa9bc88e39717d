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

MARK = "####"
"""The mark before a final answer, as in GSM8K."""

MARKER = re.compile(rf"{MARK}|answer:", re.IGNORECASE)
LANGUAGE = re.compile(r"\A[\w+-]*\n")
"""Pattern of the rest of the line that opens a fenced block."""

BOX = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{")
"""Pattern of the beginning of a boxed answer in LaTeX."""

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


def first_line(text: str) -> str:
    """The first line that is not blank."""
    return text.lstrip().partition("\n")[0]


def boxed(text: str) -> str | None:
    r"""Find the content of the last `\boxed{}`, which may have braces in it; `None` without a box that is closed."""
    box = last_match(BOX, text)
    if box is None:
        return None
    depth = 1
    for position in range(box.end(), len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[box.end() : position]
    return None


def tagged(text: str) -> str | None:
    """Find what follows the last `<answer>`, up to `</answer>` if that follows; `None` without a tag."""
    _, opened, after = text.rpartition("<answer>")
    return after.partition("</answer>")[0] if opened else None


def _marked(text: str) -> str:
    within = tagged(text)
    if within is not None:
        return within
    marker = last_match(MARKER, text)
    return text[marker.end() :] if marker else text


def _fenced(text: str) -> str:
    parts = text.split(FENCE)
    # Every second part is inside of a block; one that is not closed is none.
    closed = parts[1:-1:2]
    return LANGUAGE.sub("", closed[-1]) if closed else text
