r"""The answers that may be given to a scorer of reasoning-gym.

Some of its scorers run the answer as Python code (`eval`, also inside of SymPy's `parse_expr`), or repeat a step as
often as the answer says. A language model writes the answers, so they must have a form that cannot do harm. What has
another form scores 0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from re import Pattern

LONGEST_ANSWER = 5_000
"""The largest number of characters of an answer that is scored."""

_FACTOR = r"(?:\d{1,12}+|[A-Za-z])(?:\*\*\d{1,2}+)?+"
_TERM = rf"{_FACTOR}(?:\*{_FACTOR}){{0,3}}+(?:/\d{{1,12}}+)?+"

WHOLE_NUMBERS = re.compile(r"[-\d\s,\[\]]*+", re.ASCII)
ARITHMETIC = re.compile(r"(?!.*\*\*)[-+*/()\d\s]{0,300}+", re.ASCII | re.DOTALL)
POLYNOMIAL = re.compile(rf"\s*+-?+\s*+{_TERM}(?:\s*+[-+]\s*+{_TERM}){{0,30}}+\s*+", re.ASCII)

HARMLESS: Mapping[str, Pattern[str]] = {
    # They take a list that Python can read for the answer. Without calls and loops it is only a list.
    "binary_matrix": WHOLE_NUMBERS,
    "n_queens": re.compile(r"[_Q\s,\[\]'\"]*+", re.ASCII),
    "spiral_matrix": WHOLE_NUMBERS,
    "string_insertion": re.compile(r"[A-Z\s,\[\]'\"]*+", re.ASCII),
    # SymPy evaluates it: without powers and names it is arithmetic, and with small powers a polynomial.
    "countdown": ARITHMETIC,
    "puzzle24": ARITHMETIC,
    "polynomial_multiplication": POLYNOMIAL,
    "simple_integration": POLYNOMIAL,
    # `Fraction("1e999999999")` is a number of a billion digits.
    "coin_flip": re.compile(r"[-+.,/\d\s]*+(?:[eE][-+]?\d{1,3})?\s*+", re.ASCII),
    # A move is repeated as often as the number after it says.
    "rubiks_cube": re.compile(r"(?!.*\d\d).{0,2000}+", re.DOTALL),
    "rush_hour": re.compile(r"(?!.*\d\d).*+", re.DOTALL),
    # The time grows with the square of the length: 10 s for 5,000 negations.
    "codeio": re.compile(r".{0,2000}+", re.DOTALL),
    "propositional_logic": re.compile(r".{0,300}+", re.DOTALL),
    # It takes a list for a map from its indices, and misjudges it.
    "graph_color": re.compile(r"\{.*+", re.DOTALL),
}
"""The forms of answers that are scored, by data set of reasoning-gym; of all others, any form is scored."""

REFUSED: Mapping[str, str] = {
    "intermediate_integration": "its scorer runs the answer as code, and no simple form has all right answers",
}
"""Data sets that are not offered, with the reason."""


def is_harmless(dataset: str, answer: str) -> bool:
    """Whether an answer may be given to the scorer of a data set of reasoning-gym."""
    form = HARMLESS.get(dataset)
    return len(answer) <= LONGEST_ANSWER and (form is None or form.fullmatch(answer) is not None)
