"""GSM8K: word problems of grade-school mathematics, whose answer is a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import DataError
from tpo_tasks.ranges import check_range
from tpo_tasks.rlvr.answers.completion import LONGEST, MARK, boxed, first_line, last_match
from tpo_tasks.rlvr.answers.quantity import stated
from tpo_tasks.rlvr.answers.rationals import MARKED, last_number, only_number, plain, ungrouped
from tpo_tasks.rlvr.gsm8k_files import load
from tpo_tasks.rlvr.rows import MOST_ROWS, Problem, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    from tpo_tasks.rlvr.gsm8k_files import Example

SOURCE = "tpo/gsm8k"
HEADING = re.compile(rf"{MARK}\s{{0,9}}\d{{1,2}}[.)]\s{{1,9}}[A-Za-z][^\n]{{0,200}}\n\s{{0,99}}\S")
"""Pattern of a numbered heading with something after it."""

INSTRUCTION = 'Think step by step. Then write "####" and the answer, a number.'


@dataclass(frozen=True, kw_only=True)
class GSM8K:
    """Word problems of grade-school mathematics, from files or from the Hugging Face hub.

    Attributes:
        from_: A folder with train and test files, or one file: .jsonl or .parquet, with a question and an answer per
            row. By default openai/gsm8k is loaded from the hub.
        size: Problems for training, the first ones; by default all.
        test_size: Problems for testing, the first ones; by default all. Those of a single file are its last ones.

    Raises:
        InvalidArgumentError: A size is out of its range.

    Source:
        Cobbe et al. 2021.
    """

    from_: str | None = None
    size: int | None = None
    test_size: int | None = None

    def __post_init__(self) -> None:
        """Check the sizes."""
        for name in ("size", "test_size"):
            if (size := getattr(self, name)) is not None:
                check_range(name, size, 1, MOST_ROWS)

    def splits(self, on_row: Callable[[str, int, int | None], None]) -> dict[str, list[dict[str, Any]]]:
        """Load the rows of `train` and `test`; problems for testing are left out of those for training.

        Raises:
            DataError: They cannot be read, or an answer has no number, or all problems are for testing.
            InvalidArgumentError: A single file was given without a size of the test split.
            NotInstalledError: A library that reads them is missing.
        """
        del on_row
        loaded = load(self.from_, self.test_size)
        test = problems_of(loaded["test"])[: self.test_size]
        named = {"train": _others(problems_of(loaded["train"]), test)[: self.size], "test": test}
        return {split: rows_of(found, split, source=SOURCE, ability="math") for split, found in named.items()}


def _others(train: list[Problem], test: list[Problem]) -> list[Problem]:
    """Leave the problems for testing out of those for training.

    Raises:
        DataError: No others are left.
    """
    asked = {problem.prompt for problem in test}
    others = [problem for problem in train if problem.prompt not in asked]
    if not others:
        message = "the train split must have questions that the test split does not have;"
        found = f"got {len(train)}, all of which are in the test split, too."
        raise DataError(f"{message} {found} Take files with different questions, or a smaller --test-size.")
    return others


def problems_of(examples: Iterable[Example]) -> list[Problem]:
    """Convert examples to problems.

    Raises:
        DataError: An answer has no number after its last `####`.
    """
    return [Problem(f"{one.question.strip()}\n\n{INSTRUCTION}", reference(one)) for one in examples]


def reference(example: Example) -> str:
    """Extract the number after the last `####` in the answer of an example, without commas.

    Raises:
        DataError: There is none.
    """
    _, mark, after = example.answer.rpartition(MARK)
    if not mark or only_number(after) is None:
        message = f"an answer must end with {MARK} and a number; got {after[-40:]!r} at the end of {example.location}."
        raise DataError(f"{message} Fix it there, or take another file.")
    return after.strip().replace(",", "")


def final_answer(completion: str) -> Fraction | None:
    r"""Find the answer in a completion; `None` if it has no number.

    It is the number stated after the last `####` that a number follows, or else the one in the last `\boxed{}`, or else
    the last number. A heading that begins with a number, such as `#### 1. First step`, is no answer if more follows.
    Only the last `LONGEST` characters are read.
    """
    text = plain(completion[-LONGEST:])
    if (marked := last_match(MARKED, text)) and not HEADING.match(text, marked.start()):
        found = stated(first_line(text[marked.start() + len(MARK) :]), alone=False)
    elif (box := boxed(text)) is not None:
        found = stated(box, alone=True)
    else:
        return last_number(ungrouped(text))
    return found.value if found else None


def score(completion: str, ground_truth: str, source: str = SOURCE) -> float:
    """Score a completion: 1 if its answer equals the reference exactly, as a rational number, and else 0.

    Args:
        completion: The text.
        ground_truth: The reference, a number.
        source: The data source, for the message.

    Raises:
        DataError: The reference is no number.
    """
    expected = only_number(ground_truth)
    if expected is None:
        message = f"the ground truth of {source} must be a number; got {ground_truth[-40:]!r}."
        raise DataError(f"{message} Write the data again: tpo data {source.removeprefix('tpo/')}.")
    return float(final_answer(completion) == expected)
