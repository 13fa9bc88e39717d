"""Problems that the library reasoning-gym generates and scores."""

from __future__ import annotations

import functools
import itertools
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tpo import DataError
from tpo_tasks.rlvr.completion import INSTRUCTION
from tpo_tasks.rlvr.generated import Generated
from tpo_tasks.rlvr.imported import imported
from tpo_tasks.rlvr.rows import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SEED_BITS = 32
"""reasoning-gym adds the index of a problem to the seed: seeds are this many bits apart, and so share no problem."""


class Reference(msgspec.Struct):
    """The part of a problem that the scorer of reasoning-gym reads.

    Attributes:
        answer: A right answer.
        metadata: The library's own description of the problem.
    """

    answer: str
    metadata: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Procedural(Generated):
    """Base class of problems that reasoning-gym generates."""

    ability = "logic"
    dataset = ""

    def config(self) -> Mapping[str, Any]:
        """The options of the data set in reasoning-gym, without size and seed."""
        return {}

    def answer(self, entry: Mapping[str, Any]) -> str:
        """The right answer of an entry of reasoning-gym."""
        return str(entry["answer"])

    def problems(self) -> Iterator[Problem]:
        """Generate problems with the library.

        Raises:
            DataError: The library gives its own answer less than 1.
        """
        size = 2**SEED_BITS
        entries = _library().create_dataset(self.dataset, size=size, seed=self.seed * size, **self.config())
        for index in itertools.count():
            entry = entries[index]
            answer = self.answer(entry)
            ground_truth = json.dumps({"answer": answer, "metadata": entry["metadata"]})
            if score(self.dataset, answer, ground_truth) != 1.0:
                message = f"the answer of a problem must score 1; got less for {answer!r} in {self.dataset}."
                raise DataError(f"{message} Install another version of reasoning-gym.")
            yield Problem(f"{entry['question'].strip()}\n\n{INSTRUCTION}", ground_truth)


def score(dataset: str, answer: str, ground_truth: str) -> float:
    """Score an answer with reasoning-gym; 0 if it raises an error.

    Args:
        dataset: The name of the data set in reasoning-gym.
        answer: The answer alone, not a whole completion.
        ground_truth: A `Reference` as JSON.

    Raises:
        DataError: The ground truth has another form.
        NotInstalledError: reasoning-gym is missing.
    """
    scorer = _scorer(dataset)
    try:
        reference = msgspec.json.decode(ground_truth, type=Reference)
    except (ValueError, RecursionError) as error:
        message = f"the ground truth of a problem of {dataset} must have an answer and metadata; got {error}."
        raise DataError(f"{message} Write the data again with tpo data.") from error
    try:
        value = float(scorer.score_answer(answer, msgspec.to_builtins(reference)))
    except Exception:  # noqa: BLE001 - whatever the library raises at an answer or at its own metadata
        return 0.0
    return value if math.isfinite(value) else 0.0


@functools.cache
def _scorer(dataset: str) -> Any:
    """Create the data set that scores answers, once per process: it does not depend on size and seed."""
    return _library().create_dataset(dataset, size=1, seed=0)


def _library() -> Any:
    return imported("reasoning_gym", "reasoning-gym", "generate and score these problems")
