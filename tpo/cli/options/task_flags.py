"""Building an exhibit from the command line of a task."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tpo.cli.options.shared import arm_options
from tpo.experiments.spec.arms import arm_of, arms_for, default_algorithms
from tpo.experiments.spec.exhibit import Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import changed, parsed, resolved
from tpo.experiments.spec.task_exhibit import task_exhibit
from tpo.plugins import registry
from tpo.training.metric_names import reported_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.exhibit import Exhibit

TRAINER = ("steps", "seeds", "dtype")
"""Flags that are settings of the trainer; all seeds of an arm run together."""


def exhibit_of(name: str, options: Mapping[str, Any], values: Mapping[str, Any]) -> Exhibit:
    """Build the exhibit of a command line.

    Args:
        name: The name of the task.
        options: All options of the task.
        values: The values of the other options, by name; `set` overrides the rest.

    Raises:
        InvalidArgumentError: A number is invalid.
        InvalidTypeError: A setting has the wrong type.
        UnknownNameError: A name is unknown.
    """
    usual = _with_arms(name, {"task": options, "trainer": {one: values[one] for one in TRAINER}}, values)
    changes = resolved(usual, parsed(usual, values["set"]))
    # The changed task determines the arms, which are then changed themselves.
    settings = changed(_with_arms(name, changed(usual, changes), values), changes)
    cls, trainer = registry.task(name), fitted(Trainer, settings["trainer"], "trainer")
    task = fitted(cls, settings["task"], "task")
    return task_exhibit(
        name,
        task,
        {label: arm_of(arm, f"arms.{label}") for label, arm in settings["arms"].items()},
        Trainer(**trainer, seeds_per_cell=max(trainer["seeds"], 1)),
        error=reported_error(cls(**task)),
        backend=values["backend"],
    )


def _with_arms(name: str, settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Add the arms of the task to `settings`, changed by the options for all arms."""
    cls = registry.task(name)
    task = cls(**fitted(cls, settings["task"], "task"))
    named = values["algorithms"]
    algorithms = default_algorithms(task) if named is None else [part.strip() for part in named.split(",")]
    overrides = {option.name: values[option.name] for option in arm_options() if values[option.name] is not None}
    arms = arms_for(task, algorithms, overrides)
    return {**settings, "arms": {label: asdict(arm) for label, arm in arms.items()}}
