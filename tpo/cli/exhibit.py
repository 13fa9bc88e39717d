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
from tpo.experiments.backends import usable_backends
from tpo.experiments.catalogue import ALL, catalogue
from tpo.experiments.exhibit import plan, task_of
from tpo.experiments.library import Library
from tpo.experiments.pool import News, run_all
from tpo.experiments.reports import find_trackers
from tpo.experiments.settings import parse
from tpo.experiments.spec_file import FULL, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tpo.experiments.events import Events
    from tpo.experiments.exhibit import Exhibit, Plan
    from tpo.hookspecs import TrackerInfo

CELLS = "cells"
"""The folder of the library, which all exhibits of one output folder share."""

LAPTOP = "laptop"
"""The scale of exhibits unless another is asked for."""

EXAMPLES = """\b
Examples:
  tpo run {name}
  tpo run {name} --backend torch --jobs 4
  tpo run {name} --scale {scale} --set trainer.seeds=5 --set arm.learning_rate=0.0005
"""


def exhibit_command(name: str) -> click.Command:
    """The command that runs the exhibit called `name`."""
    return _command(name, [catalogue()[name]], LAPTOP)


def all_command() -> click.Command:
    """The command that runs every exhibit."""
    command = _command(ALL, list(catalogue().values()), LAPTOP)
    command.help = "Every table and figure, one after another."
    return command


def spec_command(path: Path) -> click.Command:
    """The command that runs the experiment in a file.

    Raises:
        TPOError: It cannot be read or understood.
    """
    return _command(f"--spec {path}", [load(path)], FULL)


def _command(name: str, exhibits: list[Exhibit], scale: str) -> click.Command:
    first = exhibits[0]
    cores, scales = os.cpu_count() or 1, _once(scale for exhibit in exhibits for scale in exhibit.all_scales)
    backends = _once(backend for exhibit in exhibits for backend in usable_backends(task_of(exhibit)))
    own = "|".join(_once(exhibit.backend for exhibit in exhibits))
    options: list[click.Parameter] = [
        _option("--scale", metavar=f"[{'|'.join(scales)}]", default=scale, help="How much of it."),
        _option("--backend", metavar=f"[{'|'.join(backends)}]", show_default=own, help="Array library to train on."),
        _option("--device", help="Such as cpu or cuda:0.", show_default="the backend's own"),
        _option("--set", metavar="NAME=VALUE", multiple=True, help="Change a setting; may be repeated."),
        _option("--jobs", type=click.IntRange(min=1), default=cores, show_default="the cores", help="Runs at once."),
        _option("--output", metavar="DIR", default="runs", help="Where results are kept."),
        report_option(),
        _option("--list", is_flag=True, show_default=False, help="Show the runs it consists of, and run nothing."),
    ]
    about = f"{first.title} ({first.source}).\n\n{first.note}".strip()
    examples = EXAMPLES.format(name=name, scale=first.whole)
    return click.Command(name, params=options, callback=partial(run_exhibits, exhibits), help=about, epilog=examples)


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _option(flag: str, **attributes: Any) -> click.Option:
    return click.Option([flag, flag[2:].replace("-", "_")], **({"show_default": True} | attributes))


def run_exhibits(exhibits: list[Exhibit], **values: Any) -> None:
    """Run what is missing of each exhibit, and show all of it. Bad input is refused before anything runs."""
    changes = dict(map(parse, values["set"]))
    where = {"backend": values["backend"], "device": values["device"]}
    plans = [plan(exhibit, values["scale"], changes, **where) for exhibit in exhibits]
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
