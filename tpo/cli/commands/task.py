"""`tpo run TASK`: training on a task, as an exhibit of one panel built from the flags."""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path
from typing import Any

import click

from tpo.cli.options.flags import check_distinct, flags_of
from tpo.cli.options.running import CELLS
from tpo.cli.options.shared import EXAMPLES, task_options
from tpo.cli.options.task_flags import exhibit_of
from tpo.cli.run_plans import run_plans
from tpo.experiments.analysis.stored_run import stored_run
from tpo.experiments.spec.backends import usable_backends
from tpo.experiments.spec.plan import plan
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry


def task_command(name: str) -> click.Command:
    """Create the command that trains on the task called `name`.

    Raises:
        UnknownNameError: No task has that name.
        PluginError: A field of the task cannot be a flag.
    """
    info = registry.host().find("task", registry.host().tasks(), name)
    cls = registry.task(name)
    own, common = flags_of(cls), task_options(info, usable_backends(cls))
    check_distinct(own, common, "task", name)
    return click.Command(
        name,
        params=[*own, *common],
        callback=partial(train, name, [option.name for option in own]),
        help=inspect.cleandoc(cls.__doc__ or info.summary).partition("\n\n")[0],
        epilog=EXAMPLES.format(task=name),
    )


def train(task: str, task_fields: list[str], **values: Any) -> None:
    """Run the missing cells of the command line's exhibit and show the results."""
    exhibit = exhibit_of(task, {name: values[name] for name in task_fields}, values)
    planned, folder = plan(exhibit, exhibit.whole, {}, device=values["device"]), Path(values["output"])
    run_plans({folder: planned}, CellStore(folder / CELLS), values, stored=stored_run)
