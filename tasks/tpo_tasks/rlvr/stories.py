"""Stories with numbers: a question, a solution in words of adjustable length, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

NAMES = ("tom", "ann", "ben", "eva", "max", "lia", "sam", "zoe")
THINGS = ("pens", "figs", "cups", "hats", "nuts", "keys", "eggs", "toys")
VERBS = {1: ("gets", "wins", "buys", "adds"), -1: ("eats", "pays", "uses", "bins")}
"""Verbs that raise a number, and verbs that lower it.

Words of one kind are equally long, which a small model learns faster.
"""

REMARKS = ("so ", "now ", "well, ", "ok, ", "i see, ", "hm, ", "we add ", "good, ", "go on, ", "right, ")
"""Remarks that may precede a sum, from the most to the least frequent."""

FREQUENCIES = 0.65 ** np.arange(len(REMARKS))
"""How often a remark is made, up to a factor. They differ, so that log-probs of solutions do."""

STARTS = range(2, 13)
CHANGES = range(1, 10)
MOST = 20
"""The largest number of a story: a change that would exceed it lowers the number instead."""

MARK = "#"
"""The mark before the answer at the end of a solution."""

DRAWS_PER_CHANGE = 3
"""Numbers that are drawn for each change: its direction, its verb and its size."""

BLOCK = 256
"""Stories whose numbers are drawn at once."""


class Story(NamedTuple):
    """A question about numbers.

    Attributes:
        question: Such as `tom has 5 pens, gets 3. how many?`.
        sums: The steps of the solution, such as `5+3=8.`, in order.
        answer: The last number.
    """

    question: str
    sums: tuple[str, ...]
    answer: int

    @property
    def ending(self) -> str:
        """The end of a right solution, such as `#8`."""
        return f"{MARK}{self.answer}"


def stories(rng: np.random.Generator, steps: int) -> Iterator[Story]:
    """Draw stories whose number changes `steps` times, without an end; they may repeat."""
    while True:
        for drawn in rng.integers(2**31, size=(BLOCK, 3 + DRAWS_PER_CHANGE * steps)).tolist():
            yield story(drawn)


def story(draws: Sequence[int]) -> Story:
    """Make a story from `3 + 3 n` random whole numbers, for n changes.

    Example:
        >>> from tpo_tasks.rlvr.stories import story
        >>> story([0, 0, 3, 0, 0, 2])
        Story(question='tom has 5 pens, gets 3. how many?', sums=('5+3=8.',), answer=8)
    """
    name, thing, start, *changes = draws
    number = _pick(STARTS, start)
    question, sums = f"{_pick(NAMES, name)} has {number} {_pick(THINGS, thing)}", []
    for sign, verb, change in zip(*[iter(changes)] * DRAWS_PER_CHANGE, strict=True):
        by = _pick(CHANGES, change)
        direction = _direction(number, by, sign)
        question += f", {_pick(VERBS[direction], verb)} {by}"
        sums.append(f"{number}{'+' if direction > 0 else '-'}{by}={number + direction * by}.")
        number += direction * by
    return Story(f"{question}. how many?", tuple(sums), number)


def solution(rng: np.random.Generator, of: Story, length: int) -> str:
    """Write out a solution of about `length` characters: the sums in order, with remarks at random, and the answer.

    Each sum is written as often as its share of the `length` admits, but at least once, each time after a remark.
    """
    text = ""
    for number, one in enumerate(of.sums, start=1):
        share = (length - len(of.ending)) * number / len(of.sums)
        text += _sentence(rng, one)
        while len(text) + len(one) < share:
            text += _sentence(rng, one)
    return text + of.ending


def _sentence(rng: np.random.Generator, one: str) -> str:
    return f"{REMARKS[int(rng.choice(len(REMARKS), p=FREQUENCIES / FREQUENCIES.sum()))]}{one} "


def longest_question(steps: int) -> int:
    """The most characters of a question with `steps` changes."""
    first = f"{NAMES[0]} has {max(STARTS)} {THINGS[0]}"
    return len(first) + steps * len(f", {VERBS[1][0]} {max(CHANGES)}") + len(". how many?")


def longest_solution(steps: int, length: int) -> int:
    """The most characters of a solution of about `length`."""
    remark, longest_sum = max(map(len, REMARKS)), len(f"{MOST}-{max(CHANGES)}={MOST}. ")
    return max(length, steps * (remark + longest_sum) + len(f"{MARK}{MOST}")) + remark + 1


def _pick(values: Sequence[T], drawn: int) -> T:
    return values[drawn % len(values)]


def _direction(number: int, by: int, drawn: int) -> int:
    if number < by or number + by > MOST:
        return 1 if number < by else -1
    return 1 if drawn % 2 == 0 else -1
