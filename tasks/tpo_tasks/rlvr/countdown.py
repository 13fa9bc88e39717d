"""Countdown: reach a target by an expression that uses each of some numbers once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import msgspec

from tpo import DataError, Randomness
from tpo_tasks.ranges import check_range
from tpo_tasks.rlvr.answers.completion import INSTRUCTION, answer_in, boxed
from tpo_tasks.rlvr.answers.expressions import OPERATIONS, applied, parse
from tpo_tasks.rlvr.generated import Generated
from tpo_tasks.rlvr.rows import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOURCE = "tpo/countdown"
WELL_FORMED = 0.1
"""The score of a well-formed expression that is wrong."""

FEWEST, MOST = 2, 6
"""Limits on how many numbers a problem has."""

TARGETS = range(10, 101)
SYMBOLS = tuple(OPERATIONS)
DRAWS_PER_OPERATION = 3
"""Numbers that are drawn for each operation: its operands, and which it is."""

PROMPT = (
    "Write an expression with the numbers {numbers} that equals {target}. Use each number exactly once, and only the "
    "operations + - * / and parentheses. {instruction} An example of an answer: <answer>(1 + 2) / 3</answer>."
)


class Reference(msgspec.Struct):
    """The ground truth of a problem.

    Attributes:
        numbers: Each must be used once.
        target: The value of a right expression.
        solution: A right expression, for people: scores do not depend on it.
    """

    numbers: list[int]
    target: int
    solution: str


@dataclass(frozen=True, kw_only=True)
class Countdown(Generated):
    """Reach a target by an expression that uses each of some numbers once.

    Attributes:
        numbers: How many numbers a problem has, from 2 to 6.
        largest: The largest number, from 10 to 1000; targets are from 10 to 100.
    """

    numbers: int = 4
    largest: int = 99

    source = SOURCE
    ability = "math"

    def __post_init__(self) -> None:
        """Check the options."""
        super().__post_init__()
        check_range("numbers", self.numbers, FEWEST, MOST)
        check_range("largest", self.largest, 10, 1000)

    def problems(self) -> Iterator[Problem]:
        """Generate problems, each with a solution."""
        rng = Randomness(self.seed).generator(SOURCE)
        draws = self.numbers + DRAWS_PER_OPERATION * (self.numbers - 1)
        while True:
            drawn = rng.integers(2**31, size=draws).tolist()
            numbers = sorted(1 + draw % self.largest for draw in drawn[: self.numbers])
            value, solution = combined(numbers, drawn[self.numbers :])
            if value is not None and value in TARGETS:
                yield _problem(Reference(numbers, int(value), solution))


def combined(numbers: Sequence[int], draws: Sequence[int]) -> tuple[Fraction | None, str]:
    """Combine numbers by random operations.

    Args:
        numbers: N whole numbers.
        draws: `3 (N - 1)` random whole numbers.

    Returns:
        The value of an expression that uses each number once, and its text; `None` if something is divided by 0.
    """
    parts: list[tuple[Fraction | None, str]] = [(Fraction(number), str(number)) for number in numbers]
    for first, second, kind in zip(*[iter(draws)] * DRAWS_PER_OPERATION, strict=True):
        (left, left_text), (right, right_text) = parts.pop(first % len(parts)), parts.pop(second % len(parts))
        symbol = SYMBOLS[kind % len(SYMBOLS)]
        parts.append((applied(symbol, left, right), f"({left_text} {symbol} {right_text})"))
    ((value, text),) = parts
    return value, text


def _problem(reference: Reference) -> Problem:
    numbers = ", ".join(map(str, reference.numbers))
    prompt = PROMPT.format(numbers=numbers, target=reference.target, instruction=INSTRUCTION)
    return Problem(prompt, json.dumps(msgspec.to_builtins(reference)))


def score(completion: str, ground_truth: str) -> float:
    """Score a completion: 1 for a right expression, .1 for another well-formed one, 0 without one.

    Raises:
        DataError: The ground truth has another form.
    """
    try:
        reference = msgspec.json.decode(ground_truth, type=Reference)
    except (ValueError, RecursionError) as error:
        message = f"the ground truth of {SOURCE} must have numbers, a target and a solution; got {error}."
        raise DataError(f"{message} Write the data again: tpo data countdown.") from error
    answer = answer_in(completion)
    expression = parse(boxed(answer) or answer)
    if expression is None:
        return 0.0
    right = expression.value == reference.target and sorted(expression.numbers) == sorted(reference.numbers)
    return 1.0 if right else WELL_FORMED
