"""Which data sets of reasoning-gym can be written and scored: `python -m tools.data_sets [NAME ...]`.

Some problems of each are generated. Their right answers must score 1, and no answer and an empty one 0.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import TYPE_CHECKING, NamedTuple

from reasoning_gym.factory import DATASETS

from tpo.errors import TPOError
from tpo_tasks.rlvr.reasoning import ReasoningGym
from tpo_tasks.rlvr.reward import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SIZE, TEST_SIZE = 8, 2
"""Problems of each data set."""


class Outcome(NamedTuple):
    """The findings about a data set.

    Attributes:
        name: Its name.
        refused: Why it cannot be written; empty if it can.
        rows: How many rows were written.
        known: How many of them have a right answer.
        right: The scores of the right answers.
        none: The scores of no answer and of an empty one.
        seconds: The time of it all.
    """

    name: str
    refused: str
    rows: int
    known: int
    right: set[float]
    none: set[float]
    seconds: float


def examine(name: str) -> Outcome:
    """Write and score some problems of a data set of reasoning-gym."""
    begun = time.perf_counter()
    try:
        problems = ReasoningGym(dataset=name, size=SIZE, test_size=TEST_SIZE)
        splits = problems.splits(lambda *_: None)
    except TPOError as error:
        return Outcome(name, str(error), 0, 0, set(), set(), time.perf_counter() - begun)
    truths = [row["reward_model"]["ground_truth"] for rows in splits.values() for row in rows]
    answers = {truth: json.loads(truth)["answer"] for truth in truths}
    known = {truth: answer for truth, answer in answers.items() if answer is not None}
    right = {score(problems.source, f"<answer>{answer}</answer>", truth) for truth, answer in known.items()}
    none = {score(problems.source, nothing, truth) for truth in truths for nothing in (None, "")}
    return Outcome(name, "", len(truths), len(known), right, none, time.perf_counter() - begun)


def examine_all(names: Iterable[str]) -> Iterator[Outcome]:
    """Examine data sets one after the other; their warnings are not shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from map(examine, names)


def main(names: Sequence[str]) -> int:
    """Print a line per data set and the counts; return 1 if a score is not as it should be."""
    outcomes = []
    for one in examine_all(names or sorted(DATASETS)):
        outcomes.append(one)
        scores = f"{one.rows} rows, right {sorted(one.right)}, none {sorted(one.none)}"
        sys.stdout.write(
            f"{one.name:26} {one.seconds:6.1f} s  {f'refused: {one.refused}' if one.refused else scores}\n"
        )
        sys.stdout.flush()
    written = [one for one in outcomes if not one.refused]
    unchecked = [one.name for one in written if not one.known]
    wrong = [one.name for one in written if not one.right <= {1.0} or one.none != {0.0}]
    sys.stdout.write(f"{len(written)} of {len(outcomes)} can be written; refused: ")
    sys.stdout.write(f"{', '.join(one.name for one in outcomes if one.refused) or 'none'}; ")
    sys.stdout.write(f"without a right answer: {', '.join(unchecked) or 'none'}; ")
    sys.stdout.write(f"wrong scores: {', '.join(wrong) or 'none'}\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
