"""The exact-match scorer: which answer is found, and what it equals."""

import random
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.fuzz.completions import strange
from tpo import DataError
from tpo_tasks.rlvr.exact_match import only_quantity, score, simplified

RIGHT = [
    # Where the answer is.
    ("9 + 9 = 18\n#### 18", "18"),
    ("#### 18\nBecause 3 * 6 makes 18, not 20.", "18"),
    ("#### Step 1\nadd 3 and 4\nThe answer is 7.", "7"),
    (r"so \boxed{18}, or 20", "18"),
    (r"\boxed{1} and then \boxed{2}", "2"),
    (r"\boxed{\boxed{7}}", "7"),
    (r"\boxed {7}", "7"),
    (r"\fbox{7}", "7"),
    (r"\boxed{\text{about } \mathbf{7}}", "7"),
    (r"$$\boxed{x_1 = 5}$$", "5"),
    ("<answer>18</answer> is better than 20", "18"),
    ("<answer>3</answer> no: <answer>4</answer>", "4"),
    ("<answer>The answer is 4 of 5</answer>", "4"),
    (r"<answer>\boxed{4}</answer>", "4"),
    ("<answer>12", "12"),
    ("<answer>x = 5</answer>", "5"),
    ("The answer is 18 because of 20 and 3.", "18"),
    ("The final answer is: **18**\nIs that what 2 of you wanted?", "18"),
    ("**Answer:** 18 (of 20)", "18"),
    ("**Answer**: 18 (of 20)", "18"),
    ("Answer = 18, not 20", "18"),
    ("The answer is:\n\n18\n\nThat is 2 less than 20.", "18"),
    ("The answer is 3 + 4 = 7", "7"),
    ("The answer is as follows.\nFirst 3, then 12", "12"),
    ("First 3, then 0", "0"),
    # How a number is written.
    ("#### 1,000", "1000"),
    ("#### 1 000", "1000"),
    ("#### 1_000_000", "1000000"),
    ("#### 12\N{NARROW NO-BREAK SPACE}345\N{NO-BREAK SPACE}678", "12345678"),
    ("#### 1000", "1,000"),
    (r"#### 1{,}000", "1 000"),
    (r"#### 1\,000", "1000"),
    ("#### 1,234,567.5", "1234567.5"),
    ("#### -7", "-7"),
    ("#### \N{MINUS SIGN}7", "-7"),
    ("#### -1,000", "-1000"),
    ("#### 18.0", "18"),
    ("#### 18.", "18"),
    ("#### .5", "0.5"),
    ("#### 007", "7"),
    ("#### 1/2", "0.5"),
    ("#### 0.5", "1/2"),
    (r"#### \frac{1}{2}", "0.5"),
    (r"#### $-\dfrac{3}{4}$", "-0.75"),
    (r"\boxed{\tfrac12}", "1/2"),
    (r"\boxed{2\frac{1}{2}}", "2.5"),
    ("#### 2 1/2", "2.5"),
    ("#### 0.5", r"$\frac{1}{2}$"),
    ("#### 50%", "50%"),
    ("#### 50%", "50"),
    ("#### 50%", "0.5"),
    ("#### 0.5", "50%"),
    (r"\boxed{50\%}", "50%"),
    ("#### 12.5 percent", "12.5%"),
    ("#### $18", "18"),
    (r"#### \$18.00", "18"),
    ("#### -$5", "-5"),
    ("#### \N{EURO SIGN}1,000", "1000"),
    ("#### 18 \N{EURO SIGN}", "18"),
    ("#### 18", "$18"),
    ("#### 18 apples", "18"),
    ("#### 60 km/h", "60"),
    (r"\boxed{42\text{ m}^2}", "42"),
    ("#### 1.5e3", "1500"),
    ("#### 1.5E-3", "0.0015"),
    (r"#### $1.5 \times 10^{3}$", "1500"),
    ("#### 3 \N{MULTIPLICATION SIGN} 10^4", "30000"),
    ("#### 2*10**3", "2000"),
    ("#### 10^6", "1000000"),
    ("#### 1500", "1.5e3"),
    ("#### 1500", r"1.5 \cdot 10^3"),
    ("#### 18", "6 * 3 = 18\n#### 18"),
    # What stands beside the number.
    ("The final answer is 42. Note that x = 7.", "42"),
    ("<answer>42 (x = 7)</answer>", "42"),
    ("#### 42 (because a = 2)", "42"),
    ("The answer is 42, with remainder r = 3.", "42"),
    ("1 000", "1000"),
    ("So it costs 1 000", "1000"),
    ("It is 1_000 km.", "1000"),
    ("The answer is \N{EN DASH}3", "-3"),
    ("<answer>\N{FULLWIDTH DIGIT THREE}</answer>", "3"),
    ("<answer>5</answer>", "+5"),
    ("<answer>+5</answer>", "5"),
    ("The answer is about 42.", "42"),
    ("The answer is 42!", "42"),
    ("The answer is *42*", "42"),
    ("**The answer is 42**", "42"),
    ("The answer is $42.", "42"),
    ("The answer is $42$.", "42"),
    ("The answer is: 3 hours and 20 minutes", "3"),
    (r"The answer is \(42\).", "42"),
    ("<answer>There are 42 apples</answer>", "42"),
    ("#### 20 - 2 = 18", "18"),
    ("<answer>5km</answer>", "5"),
    ("<answer>5 m</answer>", "5"),
    ("<answer>30\N{DEGREE SIGN}</answer>", "30"),
    (r"\boxed{30^\circ}", "30"),
    (r"\boxed{x \approx 3.14}", "3.14"),
    ("<answer>50%</answer>", "0.5"),
    ("The answer is (7).", "7"),
    (r"\boxed{\$18.90}", "18.90"),
    (r"\boxed{18.90\text{ dollars}}", "18.9"),
    (r"\boxed{-5}", "-5"),
    (r"\boxed{ 12 }", "12"),
    (r"\boxed{2,500}", "2500"),
    (r"\boxed{5\%}", "5%"),
    ("The answer is 3.", "3"),
    ("The answer is -3", "-3"),
    ("Answer: 72 clips", "72"),
    (r"\boxed{\dfrac{3}{4}}", "3/4"),
    ("The answer is 3/4 of the cake", "3/4"),
    ("Therefore, Natalia sold 48/2 = 24 clips in May. The answer is 72", "72"),
    ("The answer is $1,000,000.", "1000000"),
    ("The answer is\n$$42$$", "42"),
    ("The answer is: $x = 42$.", "42"),
    ("the answer is 7 (seven)", "7"),
    ("The answer is 7, not 8.", "7"),
    ("<answer>7 days</answer>", "7"),
    ("<answer>x=7</answer>", "7"),
    ("<answer>The total is 7.</answer>", "7"),
    # Texts.
    ("<answer>\N{LEFT DOUBLE QUOTATION MARK}Paris\N{RIGHT DOUBLE QUOTATION MARK}</answer>", "Paris"),
    (r"\boxed{\textbf{\text{x}}}", "x"),
    ("The answer is 10:30", "10:30"),
    ("The answer is Paris.", "paris"),
    ("I think of it.\nParis", "Paris"),
    ("#### New   York", "new york"),
    (r"\boxed{\text{Paris}}", "Paris"),
    ("<answer>(B)</answer>", "B"),
    ("**Answer:** (B)", "b"),
    ("<answer>\n'yes'\n</answer>", "Yes"),
    ("<answer>( 1,2 )</answer>", "(1, 2)"),
    (r"\boxed{\left(1, 2\right)}", "(1,2)"),
    (r"\boxed{x = y^2}", "y^2"),
    (r"\boxed{x=y^2}", "x = y^2"),
    ("<answer>Stra\N{LATIN SMALL LETTER SHARP S}e</answer>", "STRASSE"),
    ("<answer>\N{FULLWIDTH LATIN CAPITAL LETTER A}</answer>", "a"),
    ("<answer>first\nsecond</answer>", "first second"),
    ("#### 2024-01-05", "2024-01-05"),
]

WRONG = [
    ("", "18"),
    ("no number", "18"),
    ("#### 19", "18"),
    ("#### -18", "18"),
    ("#### 18", "-18"),
    ("#### 180", "18"),
    ("#### 1.8", "18"),
    ("18, or rather 20", "18"),
    (r"18 \boxed{\text{none}}", "18"),
    ("<answer></answer> 18", "18"),
    ("#### 1/0", "1"),
    ("#### 1e99999999", "1"),
    ("#### 1e1000", "1"),
    ("#### " + "9" * 5000, "9"),
    ("#### 5%", "50%"),
    ("#### 0.5%", "50%"),
    ("#### 5000%", "50%"),
    ("#### 0.3333", "1/3"),
    ("#### 1,00", "100"),
    ("#### 2 1/2", "10.5"),
    (r"\boxed{2\frac{1}{2}}", "10.5"),
    ("#### 10-5", "5"),
    ("The answer is Paris, France.", "Paris"),
    ("Paris is not it.\nLyon", "Paris"),
    ("", "Paris"),
    ("<answer></answer>", "Paris"),
    # Numbers in expressions, lists and ranges.
    ("The final answer is 42. Note that x = 7.", "7"),
    (r"\boxed{x=2 \text{ or } x=-3}", "-3"),
    (r"\boxed{x=2 \text{ or } x=-3}", "2"),
    (r"\boxed{\sqrt{2}}", "2"),
    (r"\boxed{2\sqrt{3}}", "2"),
    (r"\boxed{x^2}", "2"),
    (r"\boxed{2^{10}}", "2"),
    (r"\boxed{\frac{x}{2}}", "2"),
    (r"\boxed{3\pi}", "3"),
    (r"\boxed{3+4}", "3"),
    (r"\boxed{3:2}", "3"),
    (r"\boxed{1 or 2 or 3 or 4}", "1"),
    (r"\boxed{(1,2)}", "1"),
    (r"\boxed{\frac{10}{\sqrt{2}}}", "10"),
    (r"\boxed{0.\overline{3}}", "0"),
    ("The answer is \N{EN DASH}3", "3"),
    ("So it costs 1 000", "0"),
    ("<answer>1 or 2</answer>", "1"),
    ("<answer>1, 2, 3</answer>", "1"),
    ("The answer is 1 or 2", "1"),
    ("The answer is 3 to 5", "3"),
    ("The answer is 10-20", "10"),
    (r"\boxed{5!}", "5"),
    (r"\boxed{3 4}", "3"),
    ("<answer>2x</answer>", "2"),
    ("The answer is 3*4", "3"),
    ("The answer is 1, 2, 3, 4, 5", "1"),
    ("<answer>1 2 3 4</answer>", "1"),
    ("The answer is either 1 or 2", "1"),
    (r"\boxed{\log 3}", "3"),
    (r"\boxed{\{1,2\}}", "1"),
    (r"\boxed{[1,2]}", "1"),
    (r"\boxed{x>3}", "3"),
    (r"\boxed{\pm 3}", "3"),
    (r"\boxed{-\sqrt{5}}", "5"),
    (r"\boxed{10^{-3}}", "10"),
    (r"\boxed{3i}", "3"),
    (r"\boxed{2+3i}", "2"),
    ("#### 5!", "5?"),
    ("#### [1,2)", "(1,2)"),
]


@pytest.mark.parametrize(("completion", "truth"), RIGHT)
def test_right_answers(completion, truth):
    assert score(completion, truth) == 1.0


@pytest.mark.parametrize(("completion", "truth"), WRONG)
def test_wrong_answers(completion, truth):
    assert score(completion, truth) == 0.0


@pytest.mark.parametrize("truth", ["", " ", "####", "...", "$$", "\N{NO-BREAK SPACE}"])
def test_a_blank_ground_truth_is_refused(truth):
    with pytest.raises(DataError) as caught:
        score("", truth)
    text = "the ground truth of tpo/exact-match must be a number or a text; got "
    assert str(caught.value) == f"{text}{truth!r}. Leave the row out."


@pytest.mark.parametrize("truth", ["5 apples", "12 Monkeys", "3:45", "1-2", "(1, 2)", "1/2/3", "1e3 2", "9" * 101])
def test_what_has_more_than_a_number_is_a_text(truth):
    assert only_quantity(truth) is None
    assert score(f"<answer>{truth}</answer>", truth) == 1.0


def test_the_end_alone_is_read():
    assert score("5" + " " * 9_999, "5") == 1.0
    assert score("5" + " " * 10_000, "5") == 0.0


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_a_number_scores_1_against_itself_alone(one, other):
    for written in (str(one), f"{one:,}", f"{one:_}", f"{one}.00", rf"\boxed{{{one}}}"):
        assert score(f"The answer is {written}", str(one)) == 1.0
    assert score(f"#### {other}", str(one)) == float(one == other)


@given(st.text(st.characters(codec=None, exclude_characters="#<"), max_size=100))
def test_a_text_scores_1_in_a_tag_against_itself(text):
    assume(only_quantity(text) is None and simplified(text))
    assert score(f"<answer>{text}</answer>", text) == 1.0


@pytest.mark.parametrize(
    "piece", ["9", "1,", "1 ", "1_", " ", "$", "\\frac", "{", "=", "a ", "10^", "1 000 ", "answer ", "((("]
)
def test_repetitions_take_no_time(piece):
    text = piece * (10_000 // len(piece))
    start = time.perf_counter()
    for truth in ("18", "text", f"{text}z"):
        score(text, truth)
        score(f"<answer>{text}", truth)
        score(rf"\boxed{{{text}}}", truth)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("truth", ["18", "50%", "Paris"])
def test_no_completion_raises(truth):
    rng = random.Random(0)  # noqa: S311 - texts, not secrets
    assert {score(strange(rng), truth) for _ in range(2000)} <= {0.0, 1.0}
