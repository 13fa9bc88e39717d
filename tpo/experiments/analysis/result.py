"""What a run measured, and its form on disk."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.errors import InvalidArgumentError
from tpo.experiments.analysis.cost import cost
from tpo.experiments.spec.cell import RESULTS_VERSION
from tpo.experiments.spec.run_spec import RunSpec
from tpo.experiments.storage.provenance import Provenance, distinct, made_by, provenance_of
from tpo.experiments.storage.series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.storage.cells import CellStore

FORMAT = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """What one arm measured in N steps on S seeds.

    Attributes:
        error: `[S, N]` from 0 (solved) to 1, under the policy that sampled the step, before its updates.
        loss: `[S, N]` of the first epoch.
        seconds: `[N]` wall time of each step, all seeds together; the first includes compilation.
        evaluated: `[M]` how many steps were done when the test set was evaluated; `None` if it was not.
        test_error: `[S, M]` the error on it, from 0 to 1.

    Raises:
        InvalidArgumentError: The shapes do not fit.
    """

    error: np.ndarray[Any, Any]
    loss: np.ndarray[Any, Any]
    seconds: np.ndarray[Any, Any]
    evaluated: np.ndarray[Any, Any] | None = None
    test_error: np.ndarray[Any, Any] | None = None

    def __post_init__(self) -> None:
        """Check the shapes."""
        shapes = self.error.shape, self.loss.shape, self.error.shape[:1] + self.seconds.shape
        if len(set(shapes)) > 1:
            message = f"the curves must be [S, N], [S, N] and [N]; got {self.error.shape}, {self.loss.shape} and"
            raise InvalidArgumentError(f"{message} {self.seconds.shape}. Run the experiment again.")

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Curves:
        """The curves among what a cell measured."""
        return cls(**{field.name: arrays[field.name] for field in fields(cls) if field.name in arrays})

    @property
    def steps(self) -> int:
        """How many steps were done."""
        return len(self.seconds)

    @property
    def reported(self) -> Series:
        """The error on the test set, where there is one; elsewhere that of the steps."""
        if self.evaluated is None or self.test_error is None:
            return Series.of_every_step(self.error)
        return Series(self.evaluated, self.test_error)

    def to_json(self) -> dict[str, Any]:
        """Lists, with `None` where a number is not finite: JSON has no such numbers."""
        return {name: _finite(values) for name, values in vars(self).items() if values is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Curves:
        """The curves that `to_json` described; NaN where it has `None`."""
        return cls(**{name: np.array(numbers, dtype=np.float64) for name, numbers in values.items()})


def _finite(values: np.ndarray[Any, Any]) -> Any:
    numbers = values.astype(object)
    numbers[~np.isfinite(values)] = None
    return numbers.tolist()


@dataclass(frozen=True, kw_only=True)
class Result:
    """A run and what it measured.

    Attributes:
        spec: What was run.
        provenance: With what it was begun.
        also: With what else some arms were made, or continued after a break, by when that began.
        cost: `wall_seconds`, `cpu_seconds` and `peak_memory_mb` of all its arms.
        numbers: `tpo.experiments.spec.cell.NUMBERS` of the version that computed it.
        arms: The curves by label, in the spec's order. Arms that finished no step are missing.
    """

    spec: RunSpec
    provenance: Provenance
    arms: Mapping[str, Curves]
    also: tuple[Provenance, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    numbers: int = RESULTS_VERSION

    @property
    def tested(self) -> bool:
        """Whether it is the error on a test set that is reported: as soon as one of the arms was evaluated on it."""
        return any(curves.test_error is not None for curves in self.arms.values())

    @property
    def shown(self) -> Mapping[str, Curves]:
        """The arms that have the error that is reported, by label."""
        return {
            label: curves for label, curves in self.arms.items() if not self.tested or curves.test_error is not None
        }

    @property
    def completed(self) -> bool:
        """Whether every arm did all its steps."""
        steps = {label: curves.steps for label, curves in self.arms.items()}
        return steps == dict.fromkeys(self.spec.arms, self.spec.steps)

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary without any number that is not finite."""
        return {
            "format": FORMAT,
            "completed": self.completed,
            "spec": self.spec.to_json(),
            "numbers": self.numbers,
            "provenance": self.provenance.to_json(),
            "also": [one.to_json() for one in self.also],
            "cost": dict(self.cost),
            "arms": {label: curves.to_json() for label, curves in self.arms.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Result:
        """The result that `to_json` described.

        Raises:
            InvalidArgumentError: It has another format.
        """
        if values["format"] != FORMAT:
            message = f"`format` must be {FORMAT}; got {values['format']!r}."
            raise InvalidArgumentError(f"{message} Read it with the version of tpo that wrote it.")
        return cls(
            spec=RunSpec.from_json(values["spec"]),
            provenance=Provenance(**values["provenance"]),
            arms={label: Curves.from_json(curves) for label, curves in values["arms"].items()},
            also=tuple(Provenance(**one) for one in values.get("also", ())),
            cost=dict(values.get("cost", {})),
            numbers=values.get("numbers", 1),
        )


def result_of(spec: RunSpec, library: CellStore) -> Result:
    """What the cells of `spec` have measured so far, those that are left before their end included."""
    found = {label: library.load_unfinished(cell) for label, cell in spec.cells().items()}
    measured = {label: one for label, one in found.items() if one is not None}
    made = distinct(made for one in measured.values() for made in made_by(one.header))
    return Result(
        spec=spec,
        provenance=Provenance(**made[0]) if made else provenance_of(spec.backend),
        also=tuple(Provenance(**one) for one in made[1:]),
        arms={label: Curves.of_arrays(one.arrays) for label, one in measured.items()},
        cost=cost(list(measured.values())),
    )
