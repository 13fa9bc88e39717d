"""The problems of a run: a pool to train on, and others that are held out."""

from __future__ import annotations

import functools
from typing import NamedTuple

from tpo import Randomness
from tpo_tasks.rlvr.stories import MARK, MOST, Story, longest_question, longest_solution, solution, stories
from tpo_tasks.words.characters import Tokens, completions_of, prompts_of

TRAINING, HELD_OUT = 8192, 256
"""Problems to train on, and problems that are held out."""

LONGEST_ANSWER = len(f"{MARK}{MOST}")


class Problems(NamedTuple):
    """Problems as arrays of tokens.

    Attributes:
        prompts: `[N, P]` the questions.
        endings: `[N, A]` the end of a right solution.
        solutions: `[N, T]` one right solution of each.
    """

    prompts: Tokens
    endings: Tokens
    solutions: Tokens


class Pool(NamedTuple):
    """The problems of a run. No question is in both."""

    training: Problems
    held_out: Problems


def completion_length(steps: int, length: int) -> int:
    """T: the tokens of the longest solution of about `length` characters, with its end token."""
    return longest_solution(steps, length) + 1


@functools.lru_cache(maxsize=8)
def pool_of(steps: int, length: int) -> Pool:
    """Generate the problems, the same in every run. Problems of another `length` have the same questions."""
    found: dict[str, Story] = {}
    for one in stories(Randomness(0).generator("stories"), steps):
        found.setdefault(one.question, one)
        if len(found) == HELD_OUT + TRAINING:
            break
    each = list(found.values())
    return Pool(_problems(each[HELD_OUT:], steps, length), _problems(each[:HELD_OUT], steps, length))


def _problems(each: list[Story], steps: int, length: int) -> Problems:
    rng = Randomness(0).generator("solutions")
    return Problems(
        prompts_of([one.question for one in each], longest_question(steps)),
        prompts_of([one.ending for one in each], LONGEST_ANSWER),
        completions_of([solution(rng, one, length) for one in each], completion_length(steps, length)),
    )
