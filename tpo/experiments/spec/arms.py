"""Creating arms: the task's own, changed by options, or from plain data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError
from tpo.experiments.spec.field_types import fitted
from tpo.plugins import registry
from tpo.training.arm import Arm
from tpo.training.groupings import grouping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.training.task import Task

DEFAULT_ALGORITHMS = ("tpo", "grpo", "ppo", "dg")


def default_algorithms(task: Task) -> tuple[str, ...]:
    """The algorithms to compare by default: the usual ones, or else all that the task was tuned for."""
    return DEFAULT_ALGORITHMS if set(DEFAULT_ALGORITHMS) <= set(task.arms) else tuple(task.arms)


def arms_for(task: Task, algorithms: Sequence[str], overrides: Mapping[str, Any]) -> dict[str, Arm]:
    """Create an arm per algorithm: the task's own, changed by `overrides`.

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
    """Create an arm from plain `values`, checking options against the types that the algorithm declares.

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
    """Whether an algorithm compares candidates; an algorithm known only to the task does not."""
    if tuned is not None and algorithm not in registry.host().algorithms():
        return False
    compares: bool = registry.algorithm(algorithm).traits.compares_candidates
    return compares
