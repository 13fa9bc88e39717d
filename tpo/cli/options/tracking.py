"""`--report-to`: trackers for what is run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tpo.experiments.tracking.event_log import Events
from tpo.experiments.tracking.feed import reporting
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tpo.experiments.spec.cell import Cell
    from tpo.plugins.hookspecs import TrackerInfo


def report_option() -> click.Option:
    """The option of every command that trains."""
    known = "|".join(registry.host().trackers())
    text = f"Report each step to one of {known}; may be repeated. events.jsonl is always written."
    return click.Option(["--report-to"], metavar="NAME", multiple=True, help=text)


@contextmanager
def tracking(folder: Path, runs: Mapping[str, Cell], trackers: Sequence[TrackerInfo]) -> Iterator[Events]:
    """The log of `runs`, by name, in `folder`, which is reported to `trackers` in this scope; failures go to stderr."""

    def warn(message: str) -> None:
        click.echo(f"warning: {message}", err=True)

    log = Events(folder, runs, warn)
    try:
        with reporting(trackers, folder, warn):
            yield log
    finally:
        log.close()
