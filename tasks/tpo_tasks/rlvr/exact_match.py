r"""Comparing the final answer of a completion with a number or a text, for rows from anywhere."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from tpo import DataError
from tpo_tasks.rlvr.completion import AROUND, LONGEST, MARK, boxed, last_match, tagged
from tpo_tasks.rlvr.rationals import MARKED, NUMBER, plain, ungrouped, value_of

if TYPE_CHECKING:
    from fractions import Fraction
    from re import Match

SOURCE = "tpo/exact-match"

PHRASE = re.compile(r"\banswer[\s*_]{0,4}+(?:is|are|:|=)[\s:*_]{0,6}+", re.IGNORECASE)
"""Pattern of the words before an answer, such as `The final answer is: `."""

PERCENT = r"(?:\s?(?P<percent>\\?%|(?i:percent\b)))?+"
QUANTITY = re.compile(rf"{NUMBER}{PERCENT}", re.ASCII)
WITH_UNIT = re.compile(rf"[\s$*(\\\[]{{0,9}}?{NUMBER}{PERCENT}[^\d=]{{0,60}}+", re.ASCII)
"""Pattern of a text with one number, its currency before it and its unit after it."""

STYLE = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname)\s?\{([^{}]*+)\}")
IGNORED = re.compile(r"\\(?:left(?![a-z])|right(?![a-z])|[,;:!()\[\] ])|\$")
BESIDE_A_SIGN = re.compile(r" ?([^\w ]) ?")
LETTER = re.compile(r"\((\w{1,3})\)")
OUTSIDE = AROUND + "\"'.,;:"
"""Characters around a text that do not belong to it."""


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


def score(completion: str, ground_truth: str) -> float:
    r"""Score a completion: 1 if its answer equals the ground truth, else 0.

    If the ground truth is a number, numbers are compared as exact rationals: `1,000`, `1 000`, `1_000`, `1e3`,
    `\$1000.00` and `1000 apples` are equal, and so are `1/2`, `\frac{1}{2}`, `0.5` and `50%`. Otherwise texts are
    compared, without regard to case, spaces, quotation marks and LaTeX styles.

    Args:
        completion: The answer is in the last `<answer>` tag, or else after the last `####`, in the last `\boxed{}`, or
            after "answer is" or "answer:"; or else it is the last number, or the last line. The last 10,000
            characters are read.
        ground_truth: A number or a text. If it has a `####`, as in GSM8K, it is what follows.

    Raises:
        DataError: The ground truth is blank.

    Example:
        `score(r"So it is \boxed{\frac{1}{2}}.", "0.5")` is 1.0.
    """
    truth = ground_truth.rpartition(MARK)[2]
    expected = only_quantity(truth)
    if expected is not None:
        found = number_in(completion)
        return float(found is not None and found.equals(expected))
    wanted = simplified(truth)
    if not wanted:
        message = f"the ground truth of {SOURCE} must be a number or a text; got {ground_truth[-40:]!r}."
        raise DataError(f"{message} Leave the row out.")
    answer = text_in(completion)
    return float(wanted in {simplified(answer), simplified(answer.rpartition("=")[2])})


def only_quantity(text: str) -> Quantity | None:
    """Read a text that is a number, with its currency or percent sign; `None` if it is something else."""
    if len(text) > LONGEST:
        return None
    stripped = _stripped(ungrouped(plain(text)))
    found = QUANTITY.fullmatch(stripped) or QUANTITY.fullmatch(simplified(stripped))
    return _quantity(found) if found else None


def number_in(completion: str) -> Quantity | None:
    """Find the number that is the answer of a completion; `None` if it has none."""
    text = plain(completion[-LONGEST:])
    within = tagged(text)
    part = text if within is None else within
    if marked := last_match(MARKED, part):
        return _number_of(_line(part[marked.start() + len(MARK) :]))
    box = boxed(part)
    if box is not None:
        return _number_of(box)
    phrase = last_match(PHRASE, part)
    after = _number_of(_line(part[phrase.end() :])) if phrase else None
    rest = _quantity(last_match(QUANTITY, part)) if within is None else _number_of(within)
    return after or rest


def text_in(completion: str) -> str:
    """Find the text that is the answer of a completion."""
    text = completion[-LONGEST:]
    within = tagged(text)
    part = text if within is None else within
    _, mark, after = part.rpartition(MARK)
    box = boxed(after)
    if box is not None:
        return box
    phrase = last_match(PHRASE, after)
    if mark or phrase:
        return _line(after[phrase.end() :] if phrase else after)
    return _line(after.rstrip().rpartition("\n")[2]) if within is None else within


def simplified(text: str) -> str:
    r"""Remove from a text what does not belong to its content.

    These are case, widths of characters, spaces beside signs, `\text{}` and other styles of LaTeX, quotation marks and
    stops around it, and parentheses around a letter.
    """
    text = unicodedata.normalize("NFKC", IGNORED.sub("", STYLE.sub(r"\1", text))).casefold()
    text = BESIDE_A_SIGN.sub(r"\1", " ".join(text.split())).strip(OUTSIDE)
    letter = LETTER.fullmatch(text)
    return letter[1] if letter else text


def _line(text: str) -> str:
    """The first line that is not blank."""
    return text.lstrip().partition("\n")[0]


def _stripped(text: str) -> str:
    return text.strip().removesuffix(".").strip()


def _number_of(text: str) -> Quantity | None:
    """Read the number after the last equals sign if only its unit follows, or else the first number."""
    text = ungrouped(text)
    return _quantity(WITH_UNIT.fullmatch(text.rpartition("=")[2]) or QUANTITY.search(text))


def _quantity(match: Match[str] | None) -> Quantity | None:
    value = value_of(match) if match else None
    return None if match is None or value is None else Quantity(value, match["percent"] is not None)
