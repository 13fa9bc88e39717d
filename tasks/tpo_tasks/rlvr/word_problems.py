"""Word problems with a few small numbers, generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo import Randomness
from tpo_tasks.ranges import check_range
from tpo_tasks.rlvr import gsm8k
from tpo_tasks.rlvr.generated import Generated
from tpo_tasks.rlvr.rows import Problem
from tpo_tasks.rlvr.stories import stories

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "tpo/word-problems"
MOST_STEPS = 8


@dataclass(frozen=True, kw_only=True)
class WordProblems(Generated):
    """Word problems with a few small numbers.

    Attributes:
        steps: How often a number changes in a problem, from 1 to 8.
    """

    steps: int = 2

    source = SOURCE
    ability = "math"

    def __post_init__(self) -> None:
        """Check the options."""
        super().__post_init__()
        check_range("steps", self.steps, 1, MOST_STEPS)

    def problems(self) -> Iterator[Problem]:
        """Generate problems."""
        for one in stories(Randomness(self.seed).generator(SOURCE), self.steps):
            yield Problem(f"{one.question}\n\n{gsm8k.INSTRUCTION}", str(one.answer))


def score(completion: str, ground_truth: str) -> float:
    """Score a completion as in GSM8K: 1 if its final number equals the reference, and else 0.

    Raises:
        DataError: The reference is no number.
    """
    return gsm8k.score(completion, ground_truth, SOURCE)
