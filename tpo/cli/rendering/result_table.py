"""What a run came to: a table, and where everything was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from tpo.cli.rendering.console import print_table, terminal
from tpo.errors import NotInstalledError
from tpo.experiments.analysis import store
from tpo.experiments.analysis.summary import summarize
from tpo.experiments.figures import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tpo.experiments.analysis.result import Result
    from tpo.experiments.analysis.summary import Summary

COLUMNS = (
    "final error %\n(mean ± se)",
    "steps to 1 %\n(median)",
    "steps to 1 %\n(of mean)",
    "seeds\nat 1 %",
    "s per\nstep",
    "first\nstep, s",
)
TESTED = "errors are those on the test set, as often as it was evaluated"
NOTE = "steps to 1 %: steps done when the error was first at or below 1 %; - for never"


def show(result: Result, folder: Path, *, stored: bool) -> None:
    """Print the summary of `result`, draw it into `folder`, and say what was written.

    Args:
        result: Complete or not; it is in `folder` already.
        folder: The output folder.
        stored: Whether it was completed by an earlier run, so that nothing was trained.
    """
    if result.arms:
        print_table(terminal(), summary_table(summarize(result)))
        click.echo(NOTE)
        if result.tested:
            click.echo(TESTED)
        waiting = [label for label in result.arms if label not in result.shown]
        if waiting:
            click.echo(f"not evaluated yet: {', '.join(waiting)}")
    _draw(result, folder)
    click.echo(f"results: {folder / store.RESULT}")
    if stored:
        made = f"{result.provenance.started_at} with tpo {result.provenance.versions['tpo']}"
        click.echo(f"nothing was trained: this very run was completed before, on {made}. Repeat it: --overwrite")


def _draw(result: Result, folder: Path) -> None:
    """Draw, or say in a line how to get a figure."""
    try:
        paths = run.write(result, folder)
    except NotInstalledError as error:
        click.echo(f"no figure: {error}")
        return
    if paths:
        click.echo(f"figure: {', '.join(map(str, paths))}")


def summary_table(summaries: Mapping[str, Summary]) -> Table:
    """A row per arm, in the order given, that fits in 80 columns."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("arm", overflow="fold")
    for column in COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for label, summary in summaries.items():
        table.add_row(Text(label), *_cells(summary))
    return table


def _cells(summary: Summary) -> tuple[str, ...]:
    return (
        _error(summary),
        _number(summary.steps_median, "g"),
        _number(summary.steps_of_mean, ".0f"),
        f"{summary.seeds_reached}/{summary.seeds}",
        _number(summary.seconds_per_step, ".4f"),
        _number(summary.seconds_to_first_step, ".1f"),
    )


def _error(summary: Summary) -> str:
    spread = summary.error_standard_error
    mean = f"{100 * summary.error_mean:.2f}"
    return mean if spread is None else f"{mean} ± {100 * spread:.2f}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
