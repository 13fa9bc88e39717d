r"""Finding the number that a final answer states, as opposed to numbers that stand in an expression or beside it.

`42 apples`, `x = 42`, `\$42` and `42 (since x = 7)` state 42. `\sqrt{2}`, `3+4`, `2^{10}`, `3\pi` and `1 or 2` state no
number: their first number would be a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tpo_tasks.rlvr.answers.rationals import NUMBER, ungrouped, value_of

if TYPE_CHECKING:
    from fractions import Fraction
    from re import Match

PERCENT = r"(?:\s?(?P<percent>\\?%|(?i:percent\b)))?+"
QUANTITY = re.compile(rf"{NUMBER}{PERCENT}", re.ASCII)

STYLE = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]*+)\}")
"""Pattern of a style of LaTeX, around a text without braces."""

EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=[^\s*_])[*_](?!\w)")
DELIMITERS = re.compile(r"\\[()\[\]]|\$(?!\s?\d)|\\(?:left|right|,|;|:|!| )(?![a-z])|\\(?:quad|displaystyle)\b")
POWER_OF_UNIT = re.compile(r"(?<=[A-Za-z])\s?\^\s?\{?-?\d\}?")
DEGREES = re.compile(r"\^?\s?\{?\s?\\(?:circ|degree)\b\s?\}?")
CLAUSE = re.compile(r"[.?](?=\s|$)|;|,\s(?=[^\d\s])|\s\((?=[^\d\s])|\n")
"""Pattern of the end of a statement: of a sentence or line, or the beginning of a remark."""

BEFORE = re.compile(r"(?:^|[\s=:(\[\N{ALMOST EQUAL TO}~])[+]?$")
FUNCTION = re.compile(r"\\(?!approx|simeq|sim)[A-Za-z]+\s?$")
"""Patterns of what may stand before a number, and of what may not."""

OPERATOR = r"[-+*/^=<>:!\N{MULTIPLICATION SIGN}\N{MIDDLE DOT}\N{DIVISION SIGN}\N{PLUS-MINUS SIGN}]"
IN_EXPRESSION = re.compile(
    rf"\s?{OPERATOR}\s?[\w\\({{]|\.?\\(?!%|circ|degree|text|math)[a-z]|[({{^_!]|[xyznkabi](?![a-z])"
    r"|(?:\s?[,;]\s?|\s)[-+]?\d|\s(?:or|and|to)\s\S{0,9}\d"
)
"""Pattern of what follows a number in an expression, a product, a range or a list."""

SEVERAL = re.compile(r"\b(?:or|and)\b")


class Quantity(NamedTuple):
    """A number in an answer.

    Attributes:
        value: The number before a percent sign.
        percent: Whether such a sign follows.
    """

    value: Fraction
    percent: bool

    def equals(self, other: Quantity) -> bool:
        """Whether both are the same number; `50%` is also the same as `50`, and as `0.5`."""
        if self.percent == other.percent:
            return self.value == other.value
        percent, number = (self, other) if self.percent else (other, self)
        return number.value in {percent.value, percent.value / 100}


def quantity_of(match: Match[str] | None) -> Quantity | None:
    """Convert a match of `QUANTITY`; `None` without one, or if its number is out of range."""
    value = value_of(match) if match else None
    return None if match is None or value is None else Quantity(value, match["percent"] is not None)


def unstyled(text: str) -> str:
    """Remove styles of LaTeX around texts, also nested ones."""
    for _ in range(3):
        text = STYLE.sub(r"\1", text)
    return text


def stated(text: str, *, alone: bool) -> Quantity | None:
    r"""Find the number that an answer states; `None` if it states none, or several.

    Args:
        text: The answer, in the form of `rationals.plain`. Its first statement is read, after the last equals sign.
        alone: Whether it should hold nothing else, as in `\boxed{}`. Otherwise further numbers may follow in words:
            `18 because of 20 and 3`.
    """
    text = DELIMITERS.sub(" ", DEGREES.sub("", unstyled(ungrouped(text))))
    text = POWER_OF_UNIT.sub("", EMPHASIS.sub("", text if alone else text.replace("!", ".")))
    statement = next(filter(str.strip, CLAUSE.split(text)), "").strip()
    chain, equals, last = statement.rpartition("=")
    if equals and not SEVERAL.search(chain):
        found = _stated_in(last, alone=True)
        if found is not None:
            return found
    return None if equals and alone else _stated_in(statement, alone=alone)


def _stated_in(statement: str, *, alone: bool) -> Quantity | None:
    matches = list(QUANTITY.finditer(statement))
    first = matches[0] if matches else None
    if first is None or (len(matches) > 1 and (alone or statement[: first.start()].strip(" (["))):
        return None
    before = statement[: first.start()]
    outside = BEFORE.search(before) and not FUNCTION.search(before)
    return quantity_of(first) if outside and not IN_EXPRESSION.match(statement, first.end()) else None
