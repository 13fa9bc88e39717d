"""A run as data: which arms on which task, where, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.spec.cell import Cell
from tpo.experiments.spec.field_types import fitted
from tpo.plugins import registry
from tpo.training.arm import Arm
from tpo.training.groupings import grouping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.training.task import Task

MOST_SEEDS = 10_000
"""A hundred times what the paper has; they are listed one by one."""

DEFAULT_ALGORITHMS = ("tpo", "grpo", "ppo", "dg")


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """All that decides what a run computes. Whatever it holds is plain data, as JSON has it.

    Attributes:
        task: A registered name.
        options: Fields of the task that differ from its defaults, or all of them.
        arms: What to train, by label, in this order.
        backend: A registered name.
        device: As the backend names it; its own default if `None`.
        dtype: `float32` or `float64`.
        seeds: The seeds to run together.
        steps: Rollouts per arm and seed.
    """

    task: str
    options: Mapping[str, Any]
    arms: Mapping[str, Arm]
    backend: str
    device: str | None = None
    dtype: str = "float32"
    seeds: tuple[int, ...]
    steps: int

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary; `from_json` gives an equal spec back."""
        return asdict(self) | {"seeds": list(self.seeds)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunSpec:
        """The spec that `to_json` described.

        Raises:
            TypeError: A field is missing, of another type, or one too many.
        """
        if not isinstance(values["task"], str) or not isinstance(values["options"], Mapping):
            raise TypeError(f"a task {values['task']!r} with options {values['options']!r}")
        arms = {label: Arm(**arm) for label, arm in values["arms"].items()}
        return cls(**{**values, "arms": arms, "seeds": tuple(values["seeds"])})

    def cells(self) -> dict[str, Cell]:
        """Each arm as a cell, by its label."""
        shared = {field.name: getattr(self, field.name) for field in fields(Cell) if field.name != "arm"}
        return {label: Cell(arm=arm, **shared) for label, arm in self.arms.items()}

    def validate(self) -> Task:
        """Refuse what cannot be run, before any array library is imported; the task otherwise.

        Raises:
            InvalidArgumentError: A number or a combination makes no sense.
            UnknownNameError: Something named does not exist.
            NotInstalledError: The backend's library is missing.
        """
        task, *_ = [cell.validate() for cell in self.cells().values()]
        return task


def first_seeds(count: int) -> tuple[int, ...]:
    """The seeds 0 to `count - 1`.

    Raises:
        InvalidArgumentError: There would be none, or more than `MOST_SEEDS`.
    """
    if count < 1:
        raise InvalidArgumentError(f"`seeds` must be at least 1; got {count}. It is how many seeds to run, from 0 on.")
    if count > MOST_SEEDS:
        raise InvalidArgumentError(f"`seeds` must be at most {MOST_SEEDS}; got {count}. Take fewer.")
    return tuple(range(count))


def default_algorithms(task: Task) -> tuple[str, ...]:
    """The algorithms to compare where none is named: the usual ones, or else all that the task was tuned for."""
    return DEFAULT_ALGORITHMS if set(DEFAULT_ALGORITHMS) <= set(task.arms) else tuple(task.arms)


def arms_for(task: Task, algorithms: Sequence[str], overrides: Mapping[str, Any]) -> dict[str, Arm]:
    """An arm per algorithm: the task's own, changed by `overrides`.

    Args:
        task: The task to train on.
        algorithms: Registered names, each once.
        overrides: Fields of `Arm` to set in all arms. `grouping` only reaches the algorithms that compare
            candidates of one context: to the others there is nothing but the batch.

    Raises:
        InvalidArgumentError: An algorithm is named twice or none is, or a number is too small.
        UnknownNameError: An algorithm or the grouping does not exist.
    """
    if not algorithms or len(set(algorithms)) < len(algorithms):
        named = ",".join(algorithms)
        raise InvalidArgumentError(f"`algorithms` must name each algorithm once; got {named!r}. Try tpo,grpo.")
    if "grouping" in overrides:
        grouping(overrides["grouping"])
    return {name: _arm(task, name, overrides) for name in algorithms}


def arm_of(values: Mapping[str, Any], name: str) -> Arm:
    """The arm whose fields are plain `values`, its options of the types that the algorithm declares.

    Args:
        values: All fields, by name.
        name: Of the arm, for messages.

    Raises:
        InvalidTypeError: A field or an option is of another type.
        InvalidArgumentError: A number makes no sense.
    """
    arm = fitted(Arm, values, name)
    if arm["algorithm"] in registry.host().algorithms():
        arm["options"] = fitted(registry.algorithm(arm["algorithm"]), arm["options"], f"{name}.options")
    return Arm(**arm)


def _arm(task: Task, algorithm: str, overrides: Mapping[str, Any]) -> Arm:
    tuned = task.arms.get(algorithm)
    compares = _compares_candidates(algorithm, tuned)
    arm = tuned or task.default_arm(algorithm, compares_candidates=compares)
    applying = {name: value for name, value in overrides.items() if compares or name != "grouping"}
    return replace(arm, **applying)


def _compares_candidates(algorithm: str, tuned: Arm | None) -> bool:
    """Whether the algorithm does; one that only the task knows, and no plug-in, does not."""
    if tuned is not None and algorithm not in registry.host().algorithms():
        return False
    compares: bool = registry.algorithm(algorithm).traits.compares_candidates
    return compares
