"""A cell: one arm on one task for one block of seeds, run, stored and resumed as a unit."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tpo.errors import TPOError
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
    """All settings that determine the result of a cell, as plain JSON data.

    Attributes:
        task: The registered name of the task.
        options: Fields of the task.
        arm: The arm to train.
        backend: The registered name of the backend.
        device: The backend's name of the device; its default if `None`.
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
        """Convert to a plain dictionary, from which `from_json` restores an equal cell; with `foreign_code`, if any."""
        code = {"code": dict(self.foreign_code)} if self.foreign_code else {}
        return asdict(self) | {"seeds": list(self.seeds)} | code

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Cell:
        """Restore a cell from `to_json`.

        Raises:
            TypeError: A field is missing or unknown.
            InvalidArgumentError: A number of the arm is invalid.
        """
        fields = {name: value for name, value in values.items() if name != "code"}
        return cls(**{**fields, "arm": Arm(**values["arm"]), "seeds": tuple(values["seeds"])})

    @classmethod
    def from_stored(cls, values: Mapping[str, Any]) -> Cell | None:
        """Restore a cell from a file or another process; `None` if `values` are not those of a cell of this version."""
        try:
            return cls.from_json(values)
        except (TypeError, LookupError, TPOError):
            return None

    def is_described_by(self, values: Mapping[str, Any]) -> bool:
        """Whether `values` are `to_json` of this cell, from this version or from one whose arms had fewer fields."""
        if values.get("code", {}) != self.foreign_code:
            return False
        described = Cell.from_stored(values)
        return described is not None and described.digest == self.digest

    @functools.cached_property
    def foreign_code(self) -> Mapping[str, str]:
        """Digests of the source code of the plug-ins that the cell uses, by package."""
        return registry.foreign_code(task=self.task, algorithm=self.arm.algorithm, backend=self.backend)

    @functools.cached_property
    def digest(self) -> str:
        """Hash of the settings, equal in every process and on every machine; the name of the cell's files."""
        return self._digest(RESULTS_VERSION)

    @functools.cached_property
    def kind(self) -> str:
        """The digest of the settings without the seeds: cells of one kind differ in nothing else."""
        return replace(self, seeds=()).digest

    @property
    def outdated_digests(self) -> list[str]:
        """The digests of the cell in versions with other numerical results."""
        return [self._digest(numbers) for numbers in range(1, RESULTS_VERSION)]

    def _digest(self, numbers: int) -> str:
        """The digest of the cell in the version whose `RESULTS_VERSION` is `numbers`.

        Fields of the arm with their default value do not count, so that new fields do not change the digests of older
        cells. The source code of plug-ins does: results of other code are not this cell's.
        """
        defaults = {field.name: field.default for field in fields(Arm)}
        arm = {name: value for name, value in asdict(self.arm).items() if value != defaults[name]}
        described = {"numbers": numbers, **self.to_json(), "arm": arm}
        canonical = json.dumps(described, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    @property
    def seed_steps(self) -> int:
        """Steps times seeds, the measure of work done and to do."""
        return self.steps * len(self.seeds)

    @property
    def seeds_in_words(self) -> str:
        """Describe the seeds by the first and the last."""
        return f"seed {self.seeds[0]}" if len(self.seeds) == 1 else f"seeds {self.seeds[0]} to {self.seeds[-1]}"

    def validate(self) -> Task:
        """Raise an error if the cell cannot run, before any array library is imported; otherwise return the task.

        Raises:
            InvalidArgumentError: A number or a combination is invalid.
            UnknownNameError: A name is unknown.
            NotInstalledError: The backend's library is missing.
        """
        task: Task = registry.created_task(self.task, self.options)
        check_backend(self.backend, task)
        check(task, self.arm, seeds=self.seeds, steps=self.steps, dtype=self.dtype)
        return task
