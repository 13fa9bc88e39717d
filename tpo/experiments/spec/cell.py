"""A cell of an experiment: one arm on one task for one block of seeds. What is run, stored and resumed as a whole."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.backends import check_backend
from tpo.experiments.spec.schema import RESULTS_VERSION
from tpo.plugins import registry
from tpo.training.arm import Arm
from tpo.training.checks import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.training.task import Task


@dataclass(frozen=True, kw_only=True)
class Cell:
    """All that decides what a cell computes. Whatever it holds is plain data, as JSON has it.

    Attributes:
        task: A registered name.
        options: Fields of the task.
        arm: What is trained.
        backend: A registered name.
        device: As the backend names it; its own default if `None`.
        dtype: `float32` or `float64`.
        seeds: The seeds that run together.
        steps: Rollouts per seed.
    """

    task: str
    options: Mapping[str, Any]
    arm: Arm
    backend: str
    device: str | None = None
    dtype: str = "float32"
    seeds: tuple[int, ...]
    steps: int

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; `from_json` gives an equal cell back."""
        return asdict(self) | {"seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Cell:
        """The cell that `to_json` described.

        Raises:
            TypeError: A field is missing, or there is one too many.
        """
        return cls(**{**values, "arm": Arm(**values["arm"]), "seeds": tuple(values["seeds"])})

    def is_described_by(self, values: Mapping[str, Any]) -> bool:
        """Whether `values` are `to_json` of this cell, from this version or one whose arms had fewer fields."""
        try:
            return Cell.from_json(values).digest == self.digest
        except (TypeError, LookupError):
            return False

    @functools.cached_property
    def digest(self) -> str:
        """The same for equal cells, in every process and on every machine; the name of the cell's files."""
        return self._digest(RESULTS_VERSION)

    @property
    def outdated_digests(self) -> list[str]:
        """What the digest was in versions that computed other numbers."""
        return [self._digest(numbers) for numbers in range(1, RESULTS_VERSION)]

    def _digest(self, numbers: int) -> str:
        """Of the cell as a version computes it whose `RESULTS_VERSION` are `numbers`.

        Of the arm only what is not its default counts: fields that it gets later leave the names of older cells alone.
        """
        defaults = {field.name: field.default for field in fields(Arm)}
        arm = {name: value for name, value in asdict(self.arm).items() if value != defaults[name]}
        described = {"numbers": numbers, **self.to_json(), "arm": arm}
        canonical = json.dumps(described, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    @property
    def seeds_in_words(self) -> str:
        """The first and the last."""
        return f"seed {self.seeds[0]}" if len(self.seeds) == 1 else f"seeds {self.seeds[0]} to {self.seeds[-1]}"

    def validate(self) -> Task:
        """Refuse what cannot be run, before any array library is imported; the task otherwise.

        Raises:
            InvalidArgumentError: A number or a combination makes no sense.
            UnknownNameError: Something named does not exist.
            NotInstalledError: The backend's library is missing.
        """
        task: Task = registry.task(self.task)(**self.options)
        check_backend(self.backend, task)
        check(task, self.arm, seeds=self.seeds, steps=self.steps, dtype=self.dtype)
        return task
