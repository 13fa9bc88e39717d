"""What every command that trains has in common: cells run where they are asked to, with a bar, a log and trackers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.options.option import choices, option
from tpo.cli.rendering.cell_progress import progress
from tpo.experiments.execution.divergence import REMEDY, Watch, diverged
from tpo.experiments.execution.launchers import HERE, launching
from tpo.experiments.execution.pool import run_all
from tpo.experiments.tracking.event_log import Events
from tpo.experiments.tracking.feed import reporting
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tpo.experiments.execution.messages import Launcher, News
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore
    from tpo.plugins.hookspecs import TrackerInfo

CELLS = "cells"
"""The folder of the library, below the output folder."""

DIVERGED = 1
"""The exit code of a command whose runs became NaN or infinite."""

MOST_JOBS = 10_000

STOPPING = "stopping: every run finishes its step and is kept; Ctrl-C again to leave at once"


def running_options() -> list[click.Option]:
    """How and where cells run, and who is told."""
    jobs = option("--jobs", type=click.IntRange(1, MOST_JOBS), show_default="the cores", help="Runs at once.")
    launcher = option("--launcher", metavar=choices(registry.host().launchers()), default=HERE, help="What runs them.")
    address = option("--ray-address", metavar="ADDRESS", show_default="this machine", help="Of a Ray cluster.")
    known = "|".join(registry.host().trackers())
    text = f"Report each step to one of {known}; may be repeated. events.jsonl is always written."
    return [jobs, launcher, address, option("--report-to", metavar="NAME", multiple=True, help=text)]


class Runner:
    """Runs cells, and shows and tells how far they are."""

    def __init__(self, library: CellStore, launcher: Launcher, trackers: Sequence[TrackerInfo]) -> None:
        """Keep results in `library`."""
        self._library, self._launcher, self._trackers = library, launcher, trackers

    def run(self, runs: Mapping[str, Cell], folder: Path) -> bool:
        """Run what is missing of `runs`, by what they are in words; whether all of it is there now.

        Args:
            runs: The log of all of them is in `folder`, of those that were done before too.
            folder: Created if need be.
        """
        # Panels may have cells in common, which run once.
        once = {cell.digest: (name, cell) for name, cell in runs.items()}
        missing = {name: cell for name, cell in once.values() if not self._library.path(cell).exists()}
        with _tracking(folder, runs, self._trackers) as log, progress(missing) as show_news:
            watch = Watch(runs, _say)

            def on_news(news: News) -> None:
                show_news(news)
                watch.note(news)
                _note(news, log)

            for cell in runs.values():
                if not log.complete(cell.digest) and (done := self._library.load(cell)):
                    log.fill(cell.digest, done.arrays)
            return run_all(list(missing.values()), self._library, self._launcher, on_news, on_stop=_say_stopping)

    def check_finite(self, runs: Mapping[str, Cell]) -> None:
        """Say which results of `runs` are not finite, if any, and leave with `DIVERGED`.

        Raises:
            click.exceptions.Exit: Some are not.
        """
        if found := diverged(runs, self._library):
            for one in found:
                click.echo(f"error: {one}", err=True)
            click.echo(f"{len(found)} of {len(runs)} runs diverged; their results are kept. {REMEDY}", err=True)
            raise click.exceptions.Exit(DIVERGED)


@contextmanager
def runner(library: CellStore, trackers: Sequence[TrackerInfo], values: Mapping[str, Any]) -> Iterator[Runner]:
    """The scope in which cells are run as the `running_options` in `values` say; nobody else writes to `library`.

    Raises:
        TPOError: There is no such launcher, or the folder is in use.
    """
    scope = launching(values["launcher"], address=values["ray_address"], jobs=values["jobs"])
    with scope as launcher, library.locked():
        yield Runner(library, launcher, trackers)


@contextmanager
def _tracking(folder: Path, runs: Mapping[str, Cell], trackers: Sequence[TrackerInfo]) -> Iterator[Events]:
    """The log of `runs`, by name, in `folder`, which is reported to `trackers` in this scope; failures go to stderr."""
    log = Events(folder, runs, _say)
    try:
        with reporting(trackers, folder, _say):
            yield log
    finally:
        log.close()


def _note(news: News, log: Events) -> None:
    if news.done:
        log.end(news.digest)
    else:
        log.step(news.digest, news.step - 1, news.metrics)


def _say_stopping() -> None:
    click.echo(STOPPING, err=True)


def _say(warning: str) -> None:
    click.echo(f"warning: {warning}", err=True)
