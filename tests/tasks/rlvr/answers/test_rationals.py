"""Numbers in text are read as exact rationals, in linear time."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpo_tasks.rlvr.answers.rationals import LONGEST_NUMBER, last_number, only_number, plain, ungrouped


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18", 18),
        (" 18. ", 18),
        ("-3", -3),
        ("\N{MINUS SIGN}3", -3),
        ("1,234", 1234),
        ("-1,234,567.5", Fraction(-2469135, 2)),
        ("$1,000", 1000),
        ("-$5", -5),
        ("$-5", -5),
        (r"\$5", 5),
        (".5", Fraction(1, 2)),
        ("3/4", Fraction(3, 4)),
        ("-3 / 4", Fraction(-3, 4)),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"-\dfrac{3}{4}", Fraction(-3, 4)),
        ("1{,}234", 1234),
        ("007", 7),
        ("1/0", None),
        ("1,23", None),
        ("12,34,567", None),
        ("5 apples", None),
        ("1e3", 1000),
        ("-1.5E-3", Fraction(-3, 2000)),
        ("1e999", 10**999),
        ("1e1000", None),
        ("1e" + "9" * 90, None),
        (r"3 \times 10^{4}", 30000),
        ("3*10**4", 30000),
        ("10^-2", Fraction(1, 100)),
        ("2 1/2", Fraction(5, 2)),
        (r"2\frac{1}{2}", Fraction(5, 2)),
        (r"-2 \frac12", Fraction(-5, 2)),
        ("1 1/0", None),
        ("\N{EURO SIGN}5", 5),
        ("1 000", None),
        ("", None),
        ("-", None),
        ("9" * LONGEST_NUMBER, 10**LONGEST_NUMBER - 1),
        ("9" * (LONGEST_NUMBER + 1), None),
        ("\N{ARABIC-INDIC DIGIT THREE}", None),
    ],
)
def test_a_text_that_is_a_number(text, value):
    assert only_number(text) == value


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2 and 3 make 5.", 5),
        ("1,2,3", 3),
        ("1,2345", 2345),
        ("10-5", 5),
        ("(2)-5", 5),
        ("it is -5", -5),
        ("- 5 apples", 5),
        ("12 of 3/4", Fraction(3, 4)),
        ("nothing", None),
    ],
)
def test_the_last_number(text, last):
    assert last_number(text) == last


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**6))
def test_what_is_written_is_read(numerator, divisor):
    assert only_number(f"{numerator}/{divisor}") == Fraction(numerator, divisor)
    assert only_number(f"{numerator:,}") == numerator
    assert last_number(f"2 so ${abs(numerator):,}.") == abs(numerator)


@given(st.text(st.sampled_from("0123456789,./-$ \\{}fracx"), max_size=60))
def test_any_text_gives_a_rational_or_nothing(text):
    for read in (only_number, last_number):
        assert read(plain(text)) is None or isinstance(read(plain(text)), Fraction)


@pytest.mark.parametrize("piece", ["9", "1,", "1,234", ",234", "1/", "-", "$", ".", "1.", r"\frac{1", "- ", "1 / "])
def test_repetitions_take_no_time(piece):
    text = piece * (20_000 // len(piece))
    start = time.perf_counter()
    last_number(plain(text))
    only_number(text)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1 000", "1000"),
        ("1_000_000.5", "1000000.5"),
        ("-12\N{THIN SPACE}345", "-12345"),
        ("1 00", "1 00"),
        ("1 0000", "1 0000"),
        ("1234 567", "1234 567"),
        ("0.1 000", "0.1 000"),
        ("1  000", "1  000"),
    ],
)
def test_separators_of_thousands_are_removed(text, written):
    assert ungrouped(text) == written
