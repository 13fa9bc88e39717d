"""`tpo run TASK`: training on a task, as an exhibit of one panel built from the flags."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.options.option import check_distinct, flags_of, options_by_field
from tpo.cli.options.shared import EXAMPLES, arm_options, task_options
from tpo.cli.run_plans import run_plans
from tpo.cli.runner import CELLS
from tpo.experiments.analysis.find import stored_run
from tpo.experiments.spec.arms import accepted_groupings, arm_of, arms_for, default_algorithms
from tpo.experiments.spec.backends import usable_backends
from tpo.experiments.spec.exhibit import Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import changed, parsed, resolved
from tpo.experiments.spec.plan import plan
from tpo.experiments.spec.task_exhibit import task_exhibit
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry
from tpo.training.metric_names import reported_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.exhibit import Exhibit

TRAINER = ("steps", "seeds", "dtype")
"""Flags that are settings of the trainer; all seeds of an arm run together."""


def task_command(name: str) -> click.Command:
    """Create the command that trains on the task called `name`.

    Raises:
        UnknownNameError: No task has that name.
        PluginError: A field of the task cannot be a flag.
    """
    info = registry.host().find("task", registry.host().tasks(), name)
    cls = registry.task(name)
    own, common = flags_of(cls), task_options(info, usable_backends(cls), accepted_groupings(name))
    check_distinct(own, common, "task", name)
    return click.Command(
        name,
        params=[*own, *common],
        callback=partial(train, name, options_by_field(cls)),
        help=inspect.cleandoc(cls.__doc__ or info.summary).partition("\n\n")[0],
        epilog=EXAMPLES.format(task=name),
    )


def train(task: str, options: Mapping[str, str], **values: Any) -> None:
    """Run the missing cells of the command line's exhibit and show the results.

    Args:
        task: The name of the task.
        options: The name of the option of each of the task's fields.
        **values: The values of all options, by name.
    """
    exhibit = exhibit_of(task, {field: values[option] for field, option in options.items()}, values)
    planned, folder = plan(exhibit, exhibit.whole, {}, device=values["device"]), Path(values["output"])
    run_plans({folder: planned}, CellStore(folder / CELLS), values, stored=stored_run)


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
        error=reported_error(registry.created_task(name, task)),
        backend=values["backend"],
    )


def _with_arms(name: str, settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Add the arms of the task to `settings`, changed by the options for all arms."""
    cls = registry.task(name)
    task = registry.created_task(name, fitted(cls, settings["task"], "task"))
    named = values["algorithms"]
    algorithms = default_algorithms(task) if named is None else [part.strip() for part in named.split(",")]
    overrides = {option.name: values[option.name] for option in arm_options() if values[option.name] is not None}
    arms = arms_for(task, algorithms, overrides)
    return {**settings, "arms": {label: asdict(arm) for label, arm in arms.items()}}
