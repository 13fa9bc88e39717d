"""`tpo run EXHIBIT`: run a table or a figure of the paper, and show it beside the published numbers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.options.option import choices, option
from tpo.cli.options.shared import common_options
from tpo.cli.run_plans import run_plans
from tpo.cli.runner import CELLS
from tpo.experiments import toml_file
from tpo.experiments.catalogue import ALL, catalogue
from tpo.experiments.spec.backends import usable_backends
from tpo.experiments.spec.plan import asked_for, plan
from tpo.experiments.spec.selection import Selection
from tpo.experiments.storage.cells import CellStore
from tpo.plugins import registry

if TYPE_CHECKING:
    from tpo.experiments.spec.exhibit import Exhibit

EXAMPLES = """\b
Examples:
  tpo run {name}
  tpo run {name} --backend torch --jobs 4
  tpo run {name} --scale {scale} --set trainer.seeds=5 --set trainer.steps=300
"""


def exhibit_command(name: str) -> click.Command:
    """Create the command that runs the exhibit called `name`."""
    return _command_of(catalogue()[name], name, "laptop")


def spec_command(file: str) -> click.Command:
    """Create the command that runs the experiment in `file`, unchanged unless a scale is chosen.

    Raises:
        TPOError: The file cannot be read, or is invalid.
    """
    exhibit = toml_file.read(Path(file))
    return _command_of(exhibit, file, exhibit.whole)


def _command_of(exhibit: Exhibit, typed: str, scale: str) -> click.Command:
    about = f"{exhibit.title} ({exhibit.source}).\n\n{exhibit.note}".strip()
    command = _command(typed, [exhibit], list(exhibit.all_scales), scale, exhibit.backend, about)
    command.params[1:1] = _selection_options(exhibit)
    return command


def all_command() -> click.Command:
    """Create the command that runs every exhibit."""
    exhibits = list(catalogue().values())
    scales = list(dict.fromkeys(scale for exhibit in exhibits for scale in exhibit.all_scales))
    return _command(ALL, exhibits, scales, "laptop", "each one's own", "Every table and figure, one after another.")


def _command(
    name: str, exhibits: list[Exhibit], scales: list[str], scale: str, backend: str, about: str
) -> click.Command:
    tasks = [registry.created_task(exhibit.task, exhibit.options) for exhibit in exhibits]
    known = dict.fromkeys(usable for task in tasks for usable in usable_backends(task))
    whole = exhibits[0].whole
    options: list[click.Parameter] = [
        option("--scale", metavar=choices(scales), default=scale, help=f"Size of the run: {whole} is the whole."),
        *common_options(known, "runs", show_default=backend),
    ]
    run, examples = partial(run_exhibits, exhibits), EXAMPLES.format(name=name, scale=scales[-1])
    return click.Command(name, params=options, callback=run, help=about, epilog=examples)


def _selection_options(exhibit: Exhibit) -> list[click.Option]:
    """Create the options that run a part of `exhibit`."""
    panels, arms = "; ".join(exhibit.panels), "; ".join(exhibit.arms)
    return [
        option("--panel", metavar="LABEL", multiple=True, help=f"Run only this panel; may be repeated: {panels}."),
        option("--arm", metavar="LABEL", multiple=True, help=f"Run only this arm; may be repeated: {arms}."),
    ]


def run_exhibits(exhibits: list[Exhibit], **values: Any) -> None:
    """Run the missing cells of each exhibit and show the results. Invalid input is refused before anything runs."""
    where, output = {name: values[name] for name in ("backend", "device")}, Path(values["output"])
    # All exhibits at once have no panels in common to select from.
    selection = Selection(panels=values.get("panel", ()), arms=values.get("arm", ()))
    plans = [
        plan(one, values["scale"], asked_for(one, values["set"]), selection=selection, **where) for one in exhibits
    ]
    run_plans({output / planned.name: planned for planned in plans}, CellStore(output / CELLS), values)
