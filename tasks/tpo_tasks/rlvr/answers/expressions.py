"""Parsing and evaluating arithmetic expressions with exact rationals; nothing is run by Python's `eval`."""

from __future__ import annotations

import operator
import re
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_EXPRESSION = 300
"""Limit on the characters of an expression."""

DEEPEST = 20
"""Limit on nested parentheses."""

TOKEN = re.compile(r"\s*+(\d{1,9}+(?!\d)|[-+*/()])", re.ASCII)
REPLACED = {
    "\N{MULTIPLICATION SIGN}": "*",
    "\N{MIDDLE DOT}": "*",
    r"\times": "*",
    r"\cdot": "*",
    "\N{DIVISION SIGN}": "/",
    r"\div": "/",
    "\N{MINUS SIGN}": "-",
    **dict.fromkeys(("$", r"\(", r"\)", r"\[", r"\]", r"\left", r"\right"), ""),
}
"""Ways to write an operator, with the plain ones, and what LaTeX has around an expression."""

TIMES = re.compile(r"(?<=[\d)])\s?[xX]\s?(?=[\d(])")
"""Pattern of a letter as a sign of multiplication."""

SUMS, PRODUCTS = "+-", "*/"
OPERATIONS: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
END = ""


class Expression(NamedTuple):
    """A well-formed expression.

    Attributes:
        numbers: The whole numbers in it, in order.
        value: Its value; `None` if something is divided by 0.
    """

    numbers: tuple[int, ...]
    value: Fraction | None


def parse(text: str) -> Expression | None:
    """Parse an expression of whole numbers, the binary operators + - * / and parentheses.

    What stands after an equals sign is left out.

    Args:
        text: At most `LONGEST_EXPRESSION` characters.

    Returns:
        The expression; `None` if the text is none, or too long, or has more than `DEEPEST` nested parentheses.
    """
    if len(text) > LONGEST_EXPRESSION:
        return None
    for written, plain in REPLACED.items():
        text = text.replace(written, plain)
    try:
        tokens = _tokens(TIMES.sub("*", text.partition("=")[0]).strip().removesuffix("."))
        return Expression(tuple(int(token) for token in tokens if token.isdigit()), _Parser(tokens).whole())
    except ValueError:
        return None


def _tokens(text: str) -> list[str]:
    """Split a text into numbers, operators and parentheses.

    Raises:
        ValueError: It has something else.
    """
    found, position = [], 0
    while position < len(text):
        token = TOKEN.match(text, position)
        if token is None:
            raise ValueError(f"no token at {position}")
        found.append(token[1])
        position = token.end()
    return found


class _Parser:
    """A recursive-descent parser that evaluates what it reads; a malformed expression raises ValueError."""

    def __init__(self, tokens: list[str]) -> None:
        self._ahead = iter(tokens)
        self._next = next(self._ahead, END)

    def whole(self) -> Fraction | None:
        """Read an expression and the end."""
        value = self._chain(SUMS, self._product, 0)
        if self._next != END:
            raise ValueError(f"{self._next} after the end")
        return value

    def _product(self, depth: int) -> Fraction | None:
        return self._chain(PRODUCTS, self._operand, depth)

    def _chain(self, operators: str, part: Callable[[int], Fraction | None], depth: int) -> Fraction | None:
        """Read parts between operators of one precedence, from left to right."""
        value = part(depth)
        while self._next != END and self._next in operators:
            symbol = self._taken()
            value = applied(symbol, value, part(depth))
        return value

    def _operand(self, depth: int) -> Fraction | None:
        taken = self._taken()
        if taken.isdigit():
            return Fraction(int(taken))
        if taken != "(" or depth == DEEPEST:
            raise ValueError(f"no operand but {taken}")
        value = self._chain(SUMS, self._product, depth + 1)
        if self._taken() != ")":
            raise ValueError("a parenthesis that is not closed")
        return value

    def _taken(self) -> str:
        taken, self._next = self._next, next(self._ahead, END)
        return taken


def applied(symbol: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    """Apply an operator; `None` if an operand is `None`, or the second is 0 and divides."""
    if left is None or right is None or (symbol == "/" and right == 0):
        return None
    return OPERATIONS[symbol](left, right)
