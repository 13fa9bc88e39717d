"""Expressions are parsed and evaluated exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpo_tasks.rlvr.answers.expressions import DEEPEST, LONGEST_EXPRESSION, parse


@pytest.mark.parametrize(
    ("text", "numbers", "value"),
    [
        ("7", (7,), 7),
        ("1 + 2 * 3", (1, 2, 3), 7),
        ("(1+2)*3", (1, 2, 3), 9),
        ("8 - 3 - 2", (8, 3, 2), 3),
        ("8 / 4 / 2", (8, 4, 2), 1),
        ("1 / 3 + 1 / 3", (1, 3, 1, 3), Fraction(2, 3)),
        ("2 - 5", (2, 5), -3),
        ("6 \N{MULTIPLICATION SIGN} 7 \N{MINUS SIGN} 2", (6, 7, 2), 40),
        (r"6 \times 8 \div 2", (6, 8, 2), 24),
        ("(1 + 2) = 3", (1, 2), 3),
        (r"$6 \cdot 7$", (6, 7), 42),
        (r"\(6 * \left(3 + 4\right)\)", (6, 3, 4), 42),
        ("6 x (3 + 4).", (6, 3, 4), 42),
        ("6\N{MIDDLE DOT}7", (6, 7), 42),
        ("1 / (2 - 2)", (1, 2, 2), None),
        ("1 + 1 / 0 * 2", (1, 1, 0, 2), None),
        ("(" * DEEPEST + "1" + ")" * DEEPEST, (1,), 1),
        ("007", (7,), 7),
    ],
)
def test_a_well_formed_expression(text, numbers, value):
    assert parse(text) == (numbers, value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "+",
            "1 +",
            "-1",
            "1 2",
            "1 + + 2",
            "(1",
            "1)",
            "()",
            "1.5",
            "2 ** 3",
            "2 // 3",
            "2 ^ 3",
            "x",
            "= 3",
        ),
        "1234567890",
        "(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1),
        "1" + " " * LONGEST_EXPRESSION,
        "__import__('os')",
        "\N{ARABIC-INDIC DIGIT THREE} + 1",
        "\N{SUPERSCRIPT TWO}",
    ],
)
def test_anything_else_is_none(text):
    assert parse(text) is None


EXPRESSIONS = st.recursive(
    st.integers(0, 999).map(lambda number: (str(number), Fraction(number))),
    lambda parts: st.tuples(parts, st.sampled_from("+-*"), parts).map(
        lambda one: (
            f"({one[0][0]}{one[1]} {one[2][0]})",
            {"+": one[0][1] + one[2][1], "-": one[0][1] - one[2][1], "*": one[0][1] * one[2][1]}[one[1]],
        )
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_what_is_written_is_evaluated(expression):
    text, value = expression
    assert parse(text).value == value


@given(st.text(st.sampled_from("0123456789+-*/() ="), max_size=40))
def test_python_agrees_where_both_can_evaluate(text):
    found = parse(text)
    if found is not None and found.value is not None:
        plain = text.partition("=")[0].strip()
        exact = "".join(f"Fraction({part})" if part.isdigit() else part for part in split(plain))
        assert eval(exact, {"Fraction": Fraction}) == found.value  # noqa: S307 - digits and operators alone


def split(text):
    """Split a text into numbers, without leading zeros, and other characters."""
    parts, digits = [], ""
    for character in f"{text} ":
        if character.isdigit():
            digits += character
        else:
            parts += [str(int(digits)), character] if digits else [character]
            digits = ""
    return parts
