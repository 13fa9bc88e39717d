"""Progress of runs on stderr: a bar on a terminal, a line per finished run elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import TextColumn

from tpo.cli.escaping import escaped
from tpo.cli.rendering.progress import progress_bar
from tpo.experiments.execution.messages import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.progress import Progress

    from tpo.experiments.execution.messages import News
    from tpo.experiments.spec.cell import Cell


@contextmanager
def progress(runs: Mapping[str, Cell]) -> Iterator[Callable[[News], None]]:
    """Open a display that is called with the messages of `runs`, cells by name."""
    console = Console(stderr=True)
    if not runs:
        yield ignore
    elif console.is_terminal:
        with progress_bar(console, TextColumn("{task.percentage:3.0f} %")) as bar:
            yield Bar(bar, runs)
    else:
        yield Lines(runs)


class Bar:
    """One progress bar over the steps of all cells."""

    def __init__(self, bar: Progress, runs: Mapping[str, Cell]) -> None:
        """Add the bar."""
        self._bar, self._runs = bar, _by_digest(runs)
        self._steps: dict[str, int] = {}
        self._done = 0
        self._task = bar.add_task("starting", total=sum(cell.seed_steps for cell in runs.values()))

    def __call__(self, news: News) -> None:
        """Show a message: a stage before the first step, a step, or the end of a cell."""
        name, cell = self._runs[news.digest]
        self._steps[news.digest] = len(cell.seeds) * news.step
        self._done += news.done
        if not news.done:
            state = news.stage or f"at {100 * news.metrics['error']:.1f} %"
            what = f"{self._done} of {len(self._runs)} runs, {name} {state}"
            self._bar.update(self._task, completed=sum(self._steps.values()), description=escaped(what))


class Lines:
    """A display that prints a line per finished cell."""

    def __init__(self, runs: Mapping[str, Cell]) -> None:
        """Report on `runs`."""
        self._runs = _by_digest(runs)
        self._errors: dict[str, float] = {}
        self._staged: set[str] = set()
        self._done = 0

    def __call__(self, news: News) -> None:
        """Print the first stage before its steps, and its line when it is finished; remember its error."""
        name, cell = self._runs[news.digest]
        if news.stage:
            if news.digest not in self._staged:
                click.echo(f"{name}: {news.stage}", err=True)
            self._staged.add(news.digest)
            return
        if not news.done:
            self._errors[news.digest] = news.metrics["error"]
            return
        self._done += 1
        error = 100 * self._errors.get(news.digest, float("nan"))
        what = f"{self._done} of {len(self._runs)}: {name}, {cell.steps} steps, error {error:.1f} %"
        click.echo(what, err=True)


def _by_digest(runs: Mapping[str, Cell]) -> dict[str, tuple[str, Cell]]:
    return {cell.digest: (name, cell) for name, cell in runs.items()}
