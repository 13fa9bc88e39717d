"""Running cells in all commands that train: launcher, progress bar, event log and trackers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.exit_codes import DIVERGED
from tpo.cli.rendering.cell_progress import progress
from tpo.experiments.execution.divergence import REMEDY, Watch, diverged
from tpo.experiments.execution.launchers import launching
from tpo.experiments.execution.run_all import run_all
from tpo.experiments.spec.shared_cells import named_once
from tpo.experiments.tracking.event_log import Events
from tpo.experiments.tracking.feed import reporting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tpo.experiments.execution.messages import Launcher, News
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.storage.cells import CellStore
    from tpo.plugins.hookspecs import TrackerInfo

CELLS = "cells"
"""The folder of the cell store, below the output folder."""

STOPPING = "stopping: every run finishes its step and is kept; Ctrl-C again to leave at once"


class Runner:
    """Runs cells with progress display, event log and trackers."""

    def __init__(self, library: CellStore, launcher: Launcher, trackers: Sequence[TrackerInfo]) -> None:
        """Create a runner that stores results in `library`."""
        self._library, self._launcher, self._trackers = library, launcher, trackers

    @property
    def jobs(self) -> int:
        """How many cells run at once."""
        return self._launcher.jobs

    def run(self, runs: Mapping[str, Cell], folder: Path) -> bool:
        """Run the missing cells of `runs`, cells by name; return whether all have results now.

        Args:
            runs: The cells, including finished ones, whose log is completed.
            folder: The folder of the event log, created if necessary.
        """
        without = {cell.digest for cell in self._library.missing(list(runs.values()))}
        missing = {name: cell for name, cell in named_once(runs).items() if cell.digest in without}
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
        """Report the results of `runs` that are not finite, and exit with `DIVERGED` if there are any.

        Raises:
            click.exceptions.Exit: Some are not finite.
        """
        if found := diverged(runs, self._library):
            for one in found:
                click.echo(f"error: {one}", err=True)
            click.echo(
                f"{len(found)} of {len(named_once(runs))} runs diverged; their results are kept. {REMEDY}", err=True
            )
            raise click.exceptions.Exit(DIVERGED)


@contextmanager
def runner(library: CellStore, trackers: Sequence[TrackerInfo], values: Mapping[str, Any]) -> Iterator[Runner]:
    """Open a runner according to the `running_options` in `values`, with `library` locked.

    Raises:
        TPOError: The launcher is unknown, or the folder is in use.
    """
    scope = launching(values["launcher"], address=values["address"], jobs=values["jobs"])
    with scope as launcher, library.locked():
        yield Runner(library, launcher, trackers)


@contextmanager
def _tracking(folder: Path, runs: Mapping[str, Cell], trackers: Sequence[TrackerInfo]) -> Iterator[Events]:
    """Open the event log of `runs` in `folder` and feed `trackers` from it; failures go to stderr."""
    log = Events(folder, runs, _say)
    try:
        with reporting(trackers, folder, _say):
            yield log
    finally:
        log.close()


def _note(news: News, log: Events) -> None:
    if news.done:
        log.end(news.digest)
    elif not news.stage:
        log.step(news.digest, news.step - 1, news.metrics)


def _say_stopping() -> None:
    click.echo(STOPPING, err=True)


def _say(warning: str) -> None:
    click.echo(f"warning: {warning}", err=True)
