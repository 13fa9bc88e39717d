"""Problems that the library reasoning-gym generates and scores."""

from __future__ import annotations

import itertools
import json
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import DataError
from tpo_tasks.rlvr import library
from tpo_tasks.rlvr.answers.completion import INSTRUCTION, answer_in
from tpo_tasks.rlvr.generated import Generated
from tpo_tasks.rlvr.rows import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SEED_BITS = 32
"""reasoning-gym adds the index of a problem to the seed: seeds are this many bits apart, and so share no problem."""

CHUNK = 1000
"""Problems that are created at once: some data sets have a limit, and some take time and memory for all."""

MOST_UNUSABLE = 100
"""How many problems in a row that cannot be scored are taken to mean that there are no others."""

NONSENSE = "?"
"""An answer that must not score 1."""

WHERE: Mapping[str, str] = {
    "graph_color": "possible_answer",
    "propositional_logic": "example_answer",
    "rubiks_cube": "example_correct_answer",
}
"""The entry of the metadata with a right answer, by data set whose problems have no answer."""


@dataclass(frozen=True, kw_only=True)
class Procedural(Generated):
    """Base class of problems that reasoning-gym generates."""

    @property
    @abstractmethod
    def generator(self) -> str:
        """The name of the data set in reasoning-gym."""

    def config(self) -> Mapping[str, Any]:
        """The options of the data set in reasoning-gym, without size and seed."""
        return {}

    def answer(self, entry: Mapping[str, Any]) -> str | None:
        """The right answer of an entry of reasoning-gym; `None` if it has none."""
        found = entry["metadata"].get(WHERE.get(self.generator)) if entry["answer"] is None else entry["answer"]
        return found if found is None or isinstance(found, str) else json.dumps(found)

    def problems(self) -> Iterator[Problem]:
        """Generate problems with the library, and leave out those whose scores tell nothing.

        Raises:
            DataError: `MOST_UNUSABLE` of them in a row are left out, or the library cannot generate them.
            InvalidArgumentError: The settings do not suit the data set.
            NotInstalledError: reasoning-gym is missing.
        """
        unusable = 0
        for entry in self._entries():
            answer = self.answer(entry)
            truth = library.ground_truth(answer, entry["metadata"], self.config())
            reason = useless(self.generator, answer, truth)
            if not reason:
                unusable = 0
                yield Problem(f"{entry['question'].strip()}\n\n{INSTRUCTION}", truth)
            elif (unusable := unusable + 1) == MOST_UNUSABLE:
                raise DataError(f"{reason} in {self.generator}. Take other settings, or another data set.")

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        """The entries of the data set without an end, in chunks."""
        for start in itertools.count(self.seed * 2**SEED_BITS, CHUNK):
            entries = library.create(self.generator, self.config(), size=CHUNK, seed=start)
            for index in range(CHUNK):
                try:
                    entry = entries[index]
                except Exception as error:
                    if index and isinstance(error, IndexError):
                        # It has found fewer than it was asked for.
                        break
                    message = f"reasoning-gym must generate {self.generator}; got {type(error).__name__}: {error}."
                    raise DataError(f"{message} Take other settings, or another seed.") from error
                yield entry


def useless(dataset: str, answer: str | None, ground_truth: str) -> str:
    """Say why the scores of a problem tell nothing; empty if they tell something."""
    if score(dataset, _tagged(NONSENSE), ground_truth) == 1.0:
        return f"an answer that means nothing must score less than 1; got 1 for {NONSENSE!r}"
    if answer is not None and score(dataset, _tagged(answer), ground_truth) != 1.0:
        return f"the answer of a problem must score 1; got less for {answer!r}"
    return ""


def _tagged(answer: str) -> str:
    return f"<answer>{answer}</answer>"


def score(dataset: str, completion: str, ground_truth: str) -> float:
    """Score a completion with the scorer of a data set of reasoning-gym, from 0 to 1.

    Raises:
        DataError: The ground truth has another form.
        NotInstalledError: reasoning-gym is missing.
    """
    return library.score(dataset, answer_in(completion), ground_truth)
