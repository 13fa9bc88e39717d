"""How far runs are: a bar on a terminal, a line per finished run elsewhere. Both go to stderr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import TextColumn

from tpo.cli.rendering.progress import progress_bar
from tpo.experiments.execution.messages import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import Progress

    from tpo.experiments.execution.messages import News
    from tpo.experiments.spec.cell import Cell


@contextmanager
def progress(cells: Sequence[Cell]) -> Iterator[Callable[[News], None]]:
    """What shows the news of `cells` while they run."""
    console = Console(stderr=True)
    if not cells:
        yield ignore
    elif console.is_terminal:
        with progress_bar(console, TextColumn("{task.percentage:3.0f} %")) as bar:
            yield Bar(bar, cells)
    else:
        yield Lines(cells)


class Bar:
    """One bar over the steps of all cells."""

    def __init__(self, bar: Progress, cells: Sequence[Cell]) -> None:
        """Add the bar."""
        self._bar, self._cells = bar, {cell.digest: cell for cell in cells}
        self._steps: dict[str, int] = {}
        self._done = 0
        self._task = bar.add_task("starting", total=sum(len(cell.seeds) * cell.steps for cell in cells))

    def __call__(self, news: News) -> None:
        """Show a step, or the end of a cell."""
        cell = self._cells[news.digest]
        self._steps[news.digest] = len(cell.seeds) * news.step
        self._done += news.done
        if not news.done:
            what = (
                f"{self._done} of {len(self._cells)} runs, {cell.arm.algorithm} at {100 * news.metrics['error']:.1f} %"
            )
            self._bar.update(self._task, completed=sum(self._steps.values()), description=what)


class Lines:
    """A line per finished cell."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        """Report on `cells`."""
        self._cells = {cell.digest: cell for cell in cells}
        self._errors: dict[str, float] = {}
        self._done = 0

    def __call__(self, news: News) -> None:
        """Remember the error, and print the line in the end."""
        if not news.done:
            self._errors[news.digest] = news.metrics["error"]
            return
        cell = self._cells[news.digest]
        self._done += 1
        what = f"{cell.arm.algorithm} on {cell.task}, {cell.seeds_in_words}"
        error = 100 * self._errors.get(news.digest, float("nan"))
        click.echo(f"{self._done} of {len(self._cells)}: {what}, {cell.steps} steps, error {error:.1f} %", err=True)
