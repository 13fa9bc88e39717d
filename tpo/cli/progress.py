"""How far a run is: a bar on a terminal, a line per arm elsewhere. Both go to stderr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tpo.experiments.spec import RunSpec
    from tpo.training import StepResult

SPEED_SECONDS = 600
"""The time left is guessed from the steps of this long: a step may take a minute."""


class Reporter(Protocol):
    """Told what happens, as `tpo.experiments.run.run` tells it."""

    def on_arm(self, label: str) -> None:
        """An arm begins."""

    def on_step(self, label: str, result: StepResult) -> None:
        """A step of it is done."""


@contextmanager
def reporter(spec: RunSpec) -> Iterator[Reporter]:
    """What shows the progress of `spec` while it runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(spec)
        return
    with progress_bar(console, MofNCompleteColumn()) as progress:
        yield Bar(progress, spec)


def progress_bar(console: Console, done: ProgressColumn) -> Progress:
    """A bar as wide as the terminal, gone when it is over; `done` says how far it is."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        done,
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        expand=True,
        speed_estimate_period=SPEED_SECONDS,
    )


class Bar:
    """One bar over all the steps of all the arms."""

    def __init__(self, progress: Progress, spec: RunSpec) -> None:
        """Add the bar to `progress`."""
        self._progress = progress
        self._arms = list(spec.arms)
        self._bar = progress.add_task("starting", total=len(spec.arms) * spec.steps)

    def on_arm(self, label: str) -> None:
        """Say that nothing can be seen yet: the first step includes compilation."""
        self._progress.update(self._bar, description=f"{self._title(label)} compiling")

    def on_step(self, label: str, result: StepResult) -> None:
        """Show the step's error."""
        self._progress.update(self._bar, advance=1, description=f"{self._title(label)} {_error(result)}")

    def _title(self, label: str) -> str:
        return f"{label} ({self._arms.index(label) + 1} of {len(self._arms)})"


class Lines:
    """A line per arm, when it is done."""

    def __init__(self, spec: RunSpec) -> None:
        """Report on `spec`."""
        self._steps = spec.steps
        self._seconds = 0.0

    def on_arm(self, label: str) -> None:
        """Start its clock."""
        del label
        self._seconds = 0.0

    def on_step(self, label: str, result: StepResult) -> None:
        """Print the arm's line after its last step."""
        self._seconds += result.seconds
        if result.step + 1 == self._steps:
            click.echo(f"{label}: {self._steps} steps in {self._seconds:.1f} s, {_error(result)}", err=True)


def _error(result: StepResult) -> str:
    """The mean over seeds, in a width that does not jump."""
    return f"error {100 * result.metrics.error.mean():5.1f} %"
