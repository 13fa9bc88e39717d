"""Reading numbers from text as exact rationals, in a time that is linear in the length of the text."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from tpo_tasks.rlvr.answers.completion import MARK, last_match

if TYPE_CHECKING:
    from re import Match

LONGEST_NUMBER = 100
"""Limit on the characters of a number: Python refuses to convert thousands of digits, and before that it is slow."""

# Quantifiers are bounded or possessive (`++`), so that no text makes the search go back over many characters.
GROUPED = r"\d{1,3}(?:,\d{3}){1,20}+(?!\d)"
DECIMAL = rf"(?:(?:{GROUPED}|\d++)(?:\.\d++)?+|\.\d++)"
# A minus after a word, a number or a parenthesis is a subtraction.
SIGN = r"(?:(?<![\w.)\]])-)?+"
CURRENCY = "[$\N{EURO SIGN}\N{POUND SIGN}\N{YEN SIGN}\N{INDIAN RUPEE SIGN}]?+"
EXPONENT = r"(?:[eE](?P<exponent>[-+]?\d++))?+"
NUMBER = rf"{CURRENCY}(?P<sign>{SIGN}){CURRENCY}(?P<number>{DECIMAL}){EXPONENT}(?:\s?/\s?(?P<divisor>\d++))?+"
ANYWHERE = re.compile(NUMBER, re.ASCII)
ALONE = re.compile(rf"\s*+{NUMBER}\.?+\s*+", re.ASCII)
MARKED = re.compile(rf"{MARK}[\s*:(\[\\]{{0,9}}+{NUMBER}", re.ASCII)
"""Pattern of a number right after the mark of a final answer."""

FRACTION = re.compile(
    r"(?:(?<![\d.,/])(?P<whole>\d{1,9})\s{0,3})?\\[dt]?frac"
    r"(?:\s?\{\s?(?P<top>-?\d{1,40})\s?\}\s?\{\s?(?P<bottom>\d{1,40})\s?\}|\s?(?P<one>\d)\s?(?P<other>\d)(?!\d))",
    re.ASCII,
)
MIXED = re.compile(r"(?<![\d.,/^])(?P<whole>\d{1,9}) {1,3}(?P<top>\d{1,9})/(?P<bottom>\d{1,9})(?![\d.,/])", re.ASCII)
POWER = re.compile(
    r"(?:(?<=\d)\s{0,3}(?P<times>\\times|\\cdot|\*|x|\N{MULTIPLICATION SIGN}|\N{MIDDLE DOT})\s{0,3})?(?<![\d.,])10\s?"
    r"(?:\^|\*\*)\s?(?:\{\s?(?P<braced>[-+]?\d{1,4})\s?\}|(?P<bare>[-+]?\d{1,4})(?!\d))",
    re.ASCII,
)
DASHES = (0x2212, 0x2013, 0x2010, 0x2011)
"""Codes of the minus sign, the en dash and two hyphens."""

FULL_WIDTH_ZERO = 0xFF10
REPLACED = {
    **{chr(code): "-" for code in DASHES},
    **{chr(FULL_WIDTH_ZERO + digit): str(digit) for digit in range(10)},
    r"\$": "$",
    "{,}": ",",
    r"\!": "",
    r"\,": "",
}
"""Ways to write a number in LaTeX, with the plain ones."""

SPACED = re.compile(
    r"(?<![\d.,])\d{1,3}(?:[ _\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}]\d{3}){1,20}+(?!\d)"
)
LARGEST_EXPONENT = 999
"""Limit on powers of ten: a few characters could else ask for any amount of memory."""


def plain(text: str) -> str:
    r"""Replace the ways to write numbers in LaTeX by plain ones.

    `\frac{1}{2}` becomes `1/2`, `2\frac{1}{2}` and `2 1/2` become `5/2`, `1{,}000` becomes `1,000`, and
    `3 \times 10^{4}` becomes `3e4`.
    """
    for written, replacement in REPLACED.items():
        text = text.replace(written, replacement)
    text = FRACTION.sub(_improper, text)
    return POWER.sub(_scientific, MIXED.sub(_improper, text))


def ungrouped(text: str) -> str:
    """Remove spaces and underscores between groups of three digits: `1 000` and `1_000` become `1000`."""
    return SPACED.sub(lambda match: re.sub(r"\D", "", match[0]), text)


def _improper(match: Match[str]) -> str:
    """Write a fraction, or a whole number and a fraction, as one fraction."""
    found = match.groupdict()
    top, bottom = found["top"] or found["one"], found["bottom"] or found["other"]
    whole = found["whole"]
    return f"{top}/{bottom}" if whole is None else f"{int(whole) * int(bottom) + int(top)}/{bottom}"


def _scientific(match: Match[str]) -> str:
    exponent = match["braced"] or match["bare"]
    return f"e{exponent}" if match["times"] else f"1e{exponent}"


def value_of(match: Match[str]) -> Fraction | None:
    """Convert a match of `NUMBER`; `None` if it is too long, has too large an exponent, or divides by 0."""
    exponent = match["exponent"] or "0"
    if len(match[0]) > LONGEST_NUMBER or abs(int(exponent)) > LARGEST_EXPONENT:
        return None
    divisor = int(match["divisor"] or 1)
    number = Fraction(f"{match['sign']}{match['number'].replace(',', '')}e{exponent}")
    return number / divisor if divisor else None


def only_number(text: str) -> Fraction | None:
    """Read a text that is a number, such as `-1,234.5`, `$3` or `1/2`; `None` if it is something else."""
    found = ALONE.fullmatch(plain(text)) if len(text) <= LONGEST_NUMBER else None
    return value_of(found) if found else None


def last_number(text: str) -> Fraction | None:
    """Find the last number in a plain text; `None` if it has none."""
    found = last_match(ANYWHERE, text)
    return value_of(found) if found else None
