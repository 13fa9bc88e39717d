"""Reading numbers from text as exact rationals, in a time that is linear in the length of the text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from tpo_tasks.rlvr.completion import last_match

if TYPE_CHECKING:
    from re import Match

LONGEST_NUMBER = 100
"""Limit on the characters of a number: Python refuses to convert thousands of digits, and before that it is slow."""

# Quantifiers are bounded or possessive (`++`), so that no text makes the search go back over many characters.
GROUPED = r"\d{1,3}(?:,\d{3}){1,20}+(?!\d)"
DECIMAL = rf"(?:(?:{GROUPED}|\d++)(?:\.\d++)?+|\.\d++)"
# A minus after a word, a number or a parenthesis is a subtraction.
SIGN = r"(?:(?<![\w.)\]])-)?+"
NUMBER = rf"\$?+(?P<sign>{SIGN})\$?+(?P<number>{DECIMAL})(?:\s?/\s?(?P<divisor>\d++))?+"
ANYWHERE = re.compile(NUMBER, re.ASCII)
ALONE = re.compile(rf"\s*+{NUMBER}\.?+\s*+", re.ASCII)

FRACTION = re.compile(r"\\[dt]?frac\s?\{(-?\d{1,40})\}\s?\{(\d{1,40})\}", re.ASCII)
REPLACED = {"\N{MINUS SIGN}": "-", r"\$": "$", "{,}": ",", r"\!": "", r"\,": ""}
"""Ways to write a number in LaTeX, with the plain ones."""


def plain(text: str) -> str:
    r"""Replace the ways to write numbers in LaTeX by plain ones: `\frac{1}{2}` by `1/2`, `1{,}000` by `1,000`."""
    for written, replacement in REPLACED.items():
        text = text.replace(written, replacement)
    return FRACTION.sub(r"\1/\2", text)


def value_of(match: Match[str]) -> Fraction | None:
    """Convert a match of `NUMBER`; `None` if it is too long or divides by 0."""
    if len(match[0]) > LONGEST_NUMBER:
        return None
    divisor = int(match["divisor"] or 1)
    return Fraction(match["sign"] + match["number"].replace(",", "")) / divisor if divisor else None


def only_number(text: str) -> Fraction | None:
    """Read a text that is a number, such as `-1,234.5`, `$3` or `1/2`; `None` if it is something else."""
    found = ALONE.fullmatch(plain(text)) if len(text) <= LONGEST_NUMBER else None
    return value_of(found) if found else None


def first_number(text: str) -> Fraction | None:
    """Find the first number in a plain text; `None` if it has none."""
    found = ANYWHERE.search(text)
    return value_of(found) if found else None


def last_number(text: str) -> Fraction | None:
    """Find the last number in a plain text; `None` if it has none."""
    found = last_match(ANYWHERE, text)
    return value_of(found) if found else None
