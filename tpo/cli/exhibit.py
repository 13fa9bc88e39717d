"""`tpo run EXHIBIT`: run a table or a figure of the paper, and show it beside the published numbers."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli import INTERRUPTED
from tpo.cli.cell_progress import progress
from tpo.cli.record_table import show
from tpo.cli.tracking import report_option, tracking
from tpo.experiments import record as records
from tpo.experiments.backends import trainable_backends
from tpo.experiments.catalogue import catalogue
from tpo.experiments.exhibit import PAPER, Plan, plan
from tpo.experiments.library import Library
from tpo.experiments.pool import News, run_all
from tpo.experiments.reports import find_trackers
from tpo.experiments.settings import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.experiments.events import Events
    from tpo.hookspecs import TrackerInfo

CELLS = "cells"
"""The folder of the library, which all exhibits of one output folder share."""

ALL = "all"
"""Stands for every exhibit."""

EXAMPLES = """\b
Examples:
  tpo run {name}
  tpo run {name} --backend torch --jobs 4
  tpo run {name} --scale paper --set trainer.seeds=5 --set arm.learning_rate=0.0005
"""


def exhibit_command(name: str) -> click.Command:
    """The command that runs the exhibit called `name`."""
    exhibit = catalogue()[name]
    about = f"{exhibit.title} ({exhibit.source}).\n\n{exhibit.note}".strip()
    return _command(name, [name], [*exhibit.scales, PAPER], exhibit.backend, about)


def all_command() -> click.Command:
    """The command that runs every exhibit."""
    exhibits = catalogue()
    scales = list(dict.fromkeys(scale for exhibit in exhibits.values() for scale in [*exhibit.scales, PAPER]))
    return _command(ALL, list(exhibits), scales, "each one's own", "Every table and figure, one after another.")


def _command(name: str, exhibits: list[str], scales: list[str], backend: str, about: str) -> click.Command:
    known, cores = "|".join(trainable_backends()), os.cpu_count() or 1
    options: list[click.Parameter] = [
        _option("--scale", metavar=f"[{'|'.join(scales)}]", default="laptop", help="How much of it."),
        _option("--backend", metavar=f"[{known}]", show_default=backend, help="Array library to train on."),
        _option("--device", help="Such as cpu or cuda:0.", show_default="the backend's own"),
        _option("--set", metavar="NAME=VALUE", multiple=True, help="Change a setting; may be repeated."),
        _option("--jobs", type=click.IntRange(min=1), default=cores, show_default="the cores", help="Runs at once."),
        _option("--output", metavar="DIR", default="runs", help="Where results are kept."),
        report_option(),
        _option("--list", is_flag=True, show_default=False, help="Show the runs it consists of, and run nothing."),
    ]
    run, examples = partial(run_exhibits, exhibits), EXAMPLES.format(name=name)
    return click.Command(name, params=options, callback=run, help=about, epilog=examples)


def _option(flag: str, **attributes: Any) -> click.Option:
    return click.Option([flag, flag[2:].replace("-", "_")], **({"show_default": True} | attributes))


def run_exhibits(names: list[str], **values: Any) -> None:
    """Run what is missing of each exhibit, and show all of it. Bad input is refused before anything runs."""
    changes = dict(map(parse, values["set"]))
    where = {"backend": values["backend"], "device": values["device"]}
    exhibits = catalogue()
    plans = [plan(exhibits[name], values["scale"], changes, **where) for name in names]
    for planned in plans:
        for cell in planned.all_cells():
            cell.validate()
    trackers = find_trackers(values["report_to"])
    library = Library(Path(values["output"]) / CELLS)
    if values["list"]:
        for planned in plans:
            _list(planned, library)
        return
    with library.locked():
        for planned in plans:
            if not _run(planned, library, values["jobs"], trackers):
                click.echo(f"interrupted; go on with the same command. Finished runs: {library.folder}", err=True)
                raise click.exceptions.Exit(INTERRUPTED)


def _run(planned: Plan, library: Library, jobs: int, trackers: Sequence[TrackerInfo]) -> bool:
    """Whether all of it is there now."""
    cells, folder = planned.all_cells(), library.folder.parent / planned.name
    missing = library.missing(cells)
    with tracking(folder, planned.runs(), trackers) as log, progress(missing) as show_news:

        def on_news(news: News) -> None:
            show_news(news)
            _note(news, log)

        for cell in cells:
            if done := library.load(cell):
                log.fill(cell.digest, done.arrays)
        finished = run_all(missing, library, jobs, on_news)
    show(records.record_of(planned, library), folder)
    return finished


def _note(news: News, log: Events) -> None:
    if news.done:
        log.end(news.digest)
    else:
        log.step(news.digest, news.step - 1, news.metrics)


def _list(planned: Plan, library: Library) -> None:
    for name, cell in planned.runs().items():
        state = "done" if library.path(cell).exists() else "to run"
        click.echo(f"{cell.digest}  {state:6}  {name}")
