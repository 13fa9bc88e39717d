"""Generating distinct problems: the test split first, then a training split without its problems."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tpo import InvalidArgumentError
from tpo_tasks.ranges import check_range
from tpo_tasks.rlvr.rows import MOST_ROWS, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tpo_tasks.rlvr.rows import Problem

MOST_REPEATS = 10_000
"""How many known problems in a row are taken to mean that there are no others."""

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Generated(ABC):
    """Base class of generated problems. The test split depends on its own size and the seed alone.

    Attributes:
        size: Problems for training.
        test_size: Problems for testing; none of them is among those for training.
        seed: The same seed gives the same problems.

    Raises:
        InvalidArgumentError: An option is out of its range.
    """

    size: int = 10_000
    test_size: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the options."""
        check_range("size", self.size, 1, MOST_ROWS)
        check_range("test_size", self.test_size, 1, MOST_ROWS)
        check_range("seed", self.seed, 0, LARGEST_SEED)

    @property
    @abstractmethod
    def source(self) -> str:
        """The data source, by which the scorer is found."""

    @property
    @abstractmethod
    def ability(self) -> str:
        """The ability that the problems train, such as `math`."""

    @abstractmethod
    def problems(self) -> Iterator[Problem]:
        """Generate problems without an end; they may repeat."""

    def splits(self, on_row: Callable[[str, int, int | None], None]) -> dict[str, list[dict[str, Any]]]:
        """Generate the rows of `train` and `test`.

        Args:
            on_row: Called with the split, the problems that are done and their number.

        Raises:
            InvalidArgumentError: There are fewer problems than asked for.
        """
        fresh = distinct(self.problems())
        found = {
            split: self._rows(split, size, fresh, on_row)
            for split, size in (("test", self.test_size), ("train", self.size))
        }
        return {"train": found["train"], "test": found["test"]}

    def _rows(
        self, split: str, size: int, fresh: Iterator[Problem], on_row: Callable[[str, int, int | None], None]
    ) -> list[dict[str, Any]]:
        taken = []
        for problem in itertools.islice(fresh, size):
            taken.append(problem)
            on_row(split, len(taken), size)
        if len(taken) < size:
            message = f"there must be as many different problems as are asked for; got {len(taken)} of {size} for"
            raise InvalidArgumentError(f"{message} the split {split!r}. Ask for fewer, or for harder ones.")
        return rows_of(taken, split, source=self.source, ability=self.ability)


def distinct(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Leave out problems whose prompt occurred before; end after `MOST_REPEATS` of them in a row."""
    seen: set[str] = set()
    repeats = 0
    for problem in problems:
        if problem.prompt not in seen:
            seen.add(problem.prompt)
            repeats = 0
            yield problem
        elif (repeats := repeats + 1) == MOST_REPEATS:
            return
