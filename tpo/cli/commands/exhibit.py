"""`tpo run EXHIBIT`: run a table or a figure of the paper, and show it beside the published numbers."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli import INTERRUPTED
from tpo.cli.options.option import choices, option
from tpo.cli.options.running import CELLS, runner, running_options
from tpo.cli.options.shared import backend_options, set_option
from tpo.cli.rendering.record_table import show
from tpo.errors import DataError
from tpo.experiments import toml_file
from tpo.experiments.analysis import record as records
from tpo.experiments.catalogue import ALL, catalogue
from tpo.experiments.spec.backends import usable_backends
from tpo.experiments.spec.plan import Plan, asked_for, plan
from tpo.experiments.storage import output
from tpo.experiments.storage.cells import CellStore
from tpo.experiments.tracking.feed import find_trackers
from tpo.plugins import registry

if TYPE_CHECKING:
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.exhibit import Exhibit

EXAMPLES = """\b
Examples:
  tpo run {name}
  tpo run {name} --backend torch --jobs 4
  tpo run {name} --scale {scale} --set trainer.seeds=5 --set trainer.steps=300
"""


def exhibit_command(name: str) -> click.Command:
    """The command that runs the exhibit called `name`."""
    return _command_of(catalogue()[name], name, "laptop")


def spec_command(file: str) -> click.Command:
    """The command that runs the experiment that `file` describes: as it is written, unless a scale is asked for.

    Raises:
        TPOError: It cannot be read, or makes no sense.
    """
    exhibit = toml_file.read(Path(file))
    return _command_of(exhibit, file, exhibit.whole)


def _command_of(exhibit: Exhibit, typed: str, scale: str) -> click.Command:
    about = f"{exhibit.title} ({exhibit.source}).\n\n{exhibit.note}".strip()
    return _command(typed, [exhibit], list(exhibit.all_scales), scale, exhibit.backend, about)


def all_command() -> click.Command:
    """The command that runs every exhibit."""
    exhibits = list(catalogue().values())
    scales = list(dict.fromkeys(scale for exhibit in exhibits for scale in exhibit.all_scales))
    return _command(ALL, exhibits, scales, "laptop", "each one's own", "Every table and figure, one after another.")


def _command(
    name: str, exhibits: list[Exhibit], scales: list[str], scale: str, backend: str, about: str
) -> click.Command:
    tasks = [registry.task(exhibit.task)(**exhibit.options) for exhibit in exhibits]
    known = dict.fromkeys(backend for task in tasks for backend in usable_backends(task))
    options: list[click.Parameter] = [
        option("--scale", metavar=choices(scales), default=scale, help="How much of it."),
        *backend_options(known, show_default=backend),
        set_option(),
        *running_options(),
        option("--output", metavar="DIR", default="runs", help="Where results are kept."),
        option("--list", is_flag=True, show_default=False, help="Show the runs it consists of, and run nothing."),
    ]
    run, examples = partial(run_exhibits, exhibits), EXAMPLES.format(name=name, scale=scales[-1])
    return click.Command(name, params=options, callback=run, help=about, epilog=examples)


def run_exhibits(exhibits: list[Exhibit], **values: Any) -> None:
    """Run what is missing of each exhibit, and show all of it. Bad input is refused before anything runs."""
    where = {"backend": values["backend"], "device": values["device"]}
    plans = [plan(one, values["scale"], asked_for(one, values["set"]), **where) for one in exhibits]
    library = CellStore(Path(values["output"]) / CELLS)
    if values["list"]:
        for planned in plans:
            # What is only looked at needs no data.
            with suppress(DataError):
                planned.validate()
            _list(planned, library)
        return
    for planned in plans:
        planned.validate()
    trackers = find_trackers(values["report_to"])
    _say_outdated(library, list({cell.digest: cell for planned in plans for cell in planned.all_cells()}.values()))
    for planned in plans:
        output.probe(library.folder.parent / planned.name)
    with runner(library, trackers, values) as runs:
        for planned in plans:
            folder = library.folder.parent / planned.name
            finished = runs.run(planned.runs(), folder)
            show(records.record_of(planned, library), folder)
            if not finished:
                click.echo(f"interrupted; go on with the same command. Finished runs: {library.folder}", err=True)
                raise click.exceptions.Exit(INTERRUPTED)
        runs.check_finite({name: cell for planned in plans for name, cell in planned.runs().items()})


def _say_outdated(library: CellStore, cells: list[Cell]) -> None:
    outdated = library.outdated(cells)
    if outdated:
        message = f"{len(outdated)} of {len(cells)} runs are of another version of tpo, which computed other numbers"
        click.echo(f"{message}; they are run again.", err=True)


def _list(planned: Plan, library: CellStore) -> None:
    for name, cell in planned.runs().items():
        state = "done" if library.path(cell).exists() else "to run"
        click.echo(f"{cell.digest}  {state:6}  {name}")
