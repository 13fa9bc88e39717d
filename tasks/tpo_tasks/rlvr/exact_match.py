r"""Comparing the final answer of a completion with a number or a text, for rows from anywhere."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from tpo import DataError
from tpo_tasks.rlvr.answers.completion import AROUND, LONGEST, MARK, boxed, first_line, last_match, tagged
from tpo_tasks.rlvr.answers.quantity import QUANTITY, quantity_of, stated, unstyled
from tpo_tasks.rlvr.answers.rationals import MARKED, plain, ungrouped

if TYPE_CHECKING:
    from tpo_tasks.rlvr.answers.quantity import Quantity

SOURCE = "tpo/exact-match"

PHRASE = re.compile(r"\banswer[\s*_]{0,4}+(?:is|are|:|=)[\s:*_]{0,6}+", re.IGNORECASE)
"""Pattern of the words before an answer, such as `The final answer is: `."""

IGNORED = re.compile(r"\\(?:left(?![a-z])|right(?![a-z])|[,;:!()\[\] ])|\$")
BESIDE_A_SIGN = re.compile(r" ?([^\w ]) ?")
LETTER = re.compile(r"\((\w{1,3})\)")
QUOTES = "\"'" + "".join(map(chr, (0x201C, 0x201D, 0x2018, 0x2019, 0xAB, 0xBB)))
OUTSIDE = AROUND + QUOTES + ".,;:"
"""Characters around a text that do not belong to it."""


def score(completion: str, ground_truth: str) -> float:
    r"""Score a completion: 1 if its answer equals the ground truth, else 0.

    If the ground truth is a number, numbers are compared as exact rationals: `1,000`, `1 000`, `1_000`, `1e3`,
    `\$1000.00` and `1000 apples` are equal, and so are `1/2`, `\frac{1}{2}`, `0.5` and `50%`. Otherwise texts are
    compared, without regard to case, spaces, quotation marks and LaTeX styles.

    A number is right only where it is stated as the answer, if need be with a unit or in words. That in an expression
    (`\sqrt{2}`, `3+4`, `3\pi`), in a list or in a range is not. Only the last number of a completion, which is taken
    where no answer is stated, may stand anywhere.

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
    wanted = simplified(_unboxed(truth))
    if not wanted:
        message = f"the ground truth of {SOURCE} must be a number or a text; got {ground_truth[-40:]!r}."
        raise DataError(f"{message} Leave the row out.")
    answer = text_in(completion)
    return float(wanted in {simplified(answer), simplified(answer.rpartition("=")[2])})


def only_quantity(text: str) -> Quantity | None:
    """Read a text that is a number, with its currency or percent sign; `None` if it is something else."""
    if len(text) > LONGEST:
        return None
    stripped = _stripped(ungrouped(plain(text))).removeprefix("+")
    found = QUANTITY.fullmatch(stripped) or QUANTITY.fullmatch(simplified(stripped))
    return quantity_of(found)


def number_in(completion: str) -> Quantity | None:
    """Find the number that is the answer of a completion; `None` if it has none."""
    text = plain(completion[-LONGEST:])
    within = tagged(text)
    part = text if within is None else within
    if marked := last_match(MARKED, part):
        return stated(first_line(part[marked.start() + len(MARK) :]), alone=False)
    box = boxed(part)
    if box is not None:
        return stated(box, alone=True)
    phrase = last_match(PHRASE, part)
    after = stated(first_line(part[phrase.end() :]), alone=False) if phrase else None
    rest = quantity_of(last_match(QUANTITY, ungrouped(part))) if within is None else stated(within, alone=False)
    return after or rest


def text_in(completion: str) -> str:
    """Find the text that is the answer of a completion."""
    text = completion[-LONGEST:]
    within = tagged(text)
    part = text if within is None else within
    _, mark, after = part.rpartition(MARK)
    box = _unboxed(after)
    if box != after:
        return box
    phrase = last_match(PHRASE, after)
    if mark or phrase:
        return first_line(after[phrase.end() :] if phrase else after)
    return first_line(after.rstrip().rpartition("\n")[2]) if within is None else within


def simplified(text: str) -> str:
    r"""Remove from a text what does not belong to its content.

    These are case, widths of characters, spaces beside signs, `\text{}` and other styles of LaTeX, quotation marks and
    stops around it, and parentheses around a letter.
    """
    text = unicodedata.normalize("NFKC", IGNORED.sub("", unstyled(text))).casefold()
    text = BESIDE_A_SIGN.sub(r"\1", " ".join(text.split())).strip(OUTSIDE)
    letter = LETTER.fullmatch(text)
    return letter[1] if letter else text


def _stripped(text: str) -> str:
    return text.strip().removesuffix(".").strip()


def _unboxed(text: str) -> str:
    r"""The content of the last `\boxed{}` that has any, or else the text itself."""
    box = boxed(text)
    return box if box and box.strip() else text
