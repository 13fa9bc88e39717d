"""Creating arms: the task's own, changed by options, or from plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tpo.errors import DataError, InvalidArgumentError, TPOError, naming
from tpo.experiments.spec.field_types import fitted
from tpo.plugins import registry
from tpo.plugins.checks import said
from tpo.plugins.contracts import Contract
from tpo.training.arm import Arm
from tpo.training.groupings import GROUPINGS, grouping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.training.task import Task

DEFAULT_ALGORITHMS = ("tpo", "grpo", "ppo", "dg")


def default_algorithms(task: Task) -> tuple[str, ...]:
    """The algorithms to compare by default: the usual ones, or else all that the task was tuned for.

    Raises:
        PluginError: The task has no arms.
    """
    tuned = _tuned(task)
    return DEFAULT_ALGORITHMS if set(DEFAULT_ALGORITHMS) <= set(tuned) else tuple(tuned)


def algorithms_of(name: str) -> tuple[str, ...]:
    """The algorithms that the task called `name` compares by default; the usual ones if it cannot be asked."""
    try:
        return default_algorithms(registry.created_task(name, {}))
    except Exception:  # noqa: BLE001 - a help text must not fail; training tells what is wrong
        return DEFAULT_ALGORITHMS


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
        PluginError: The task has no arms.
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
    with naming(name):
        return Arm(**arm)


def accepted_groupings(name: str) -> tuple[str, ...]:
    """The groupings in which the task called `name`, with its default options, trains; all if it cannot be asked."""
    try:
        task = registry.created_task(name, {})
        arm = _arm(task, DEFAULT_ALGORITHMS[0], {})
        return tuple(filter(partial(_accepts, task, arm), GROUPINGS)) or tuple(GROUPINGS)
    except Exception:  # noqa: BLE001 - a help text must not fail; training tells what is wrong
        return tuple(GROUPINGS)


def _accepts(task: Task, arm: Arm, grouping_name: str) -> bool:
    try:
        task.check(replace(arm, grouping=grouping_name))
    except DataError:  # images that have not been fetched
        return True
    except TPOError:
        return False
    return True


def _arm(task: Task, algorithm: str, overrides: Mapping[str, Any]) -> Arm:
    tuned = _tuned(task).get(algorithm)
    compares = _compares_candidates(algorithm, tuned)
    arm: Any = tuned or _default(task, algorithm, compares_candidates=compares)
    if not isinstance(arm, Arm):
        raise _contract(task, f"have a tpo.Arm for {algorithm}").refusal(said(arm))
    applying = {name: value for name, value in overrides.items() if compares or name != "grouping"}
    return replace(arm, **applying)


def _tuned(task: Task) -> Mapping[str, Arm]:
    """The arms that the task was tuned for, by algorithm."""
    contract = _contract(task, "have `arms`, a tpo.Arm by algorithm")
    with contract.calling():
        arms: Any = task.arms
    if not isinstance(arms, Mapping):
        raise contract.refusal(said(arms))
    return arms


def _default(task: Task, algorithm: str, *, compares_candidates: bool) -> Arm:
    """The task's arm for an algorithm that it was not tuned for."""
    with _contract(task, f"have a default arm for {algorithm}").calling():
        return task.default_arm(algorithm, compares_candidates=compares_candidates)


def _contract(task: Task, must: str) -> Contract:
    cls = type(task)
    return Contract("task", f"{cls.__module__}:{cls.__qualname__}", must)


def _compares_candidates(algorithm: str, tuned: Arm | None) -> bool:
    """Whether an algorithm compares candidates; an algorithm known only to the task does not."""
    if tuned is not None and algorithm not in registry.host().algorithms():
        return False
    compares: bool = registry.algorithm(algorithm).traits.compares_candidates
    return compares
