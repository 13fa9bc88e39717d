"""`tpo compare A B`: comparing two runs of an exhibit or a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli.options.option import Place
from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.cli.rendering.difference_table import in_words, methods_in_words
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.comparison import Difference
from tpo.experiments.analysis.comparison import compare as compare_records
from tpo.experiments.analysis.table import PANEL, number
from tpo.experiments.spec.exhibit import FINAL_ERROR
from tpo.experiments.spec.schema import names_panels

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tpo.experiments.spec.schema import Record

EXAMPLES = """\b
Examples:
  tpo compare runs/table1-laptop-jax runs/table1-laptop-torch
  tpo compare runs/token-reversal runs/torch
"""


@click.command(epilog=EXAMPLES)
@click.argument("first", type=Place())
@click.argument("second", type=Place())
def compare(first: Path, second: Path) -> None:
    """Show the arms that two exhibits or runs have in common, and how far apart they are; nothing is trained."""
    shown = plain_table()
    read = [find.read(path) for path in (first, second)]
    names = [f"error %\n{_name(path)}" for path in (first, second)]
    tabled, found = _tabled(*read), compare_records(*read)
    named = any(map(names_panels, read))
    for column in (PANEL, "arm") if named else ("arm",):
        shown.add_column(column, overflow="fold")
    for column in names:
        shown.add_column(text(column), justify="right", overflow="fold")
    for column in ("second minus first,\npoints (95 %)", "median steps\nto 1 %", *tabled):
        shown.add_column(text(column), justify="right", no_wrap=True)
    for one in found:
        labels = (one.panel, one.arm) if named else (one.arm,)
        shown.add_row(*map(text, labels), *_cells(one), *(_pair(one.statistics) for _ in tabled))
    console = terminal()
    print_table(console, shown)
    for line in methods_in_words(one.estimate for one in found):
        console.print(text(line), soft_wrap=True)
    for path, record in zip((first, second), read, strict=True):
        for remark in records.remarks(record):
            console.print(text(f"{_name(path)}: {remark}"))


def _tabled(first: Record, second: Record) -> list[str]:
    """The head of the column for the statistic of both tables, if it is not a column already."""
    statistic = first["statistic"]
    return [f"{statistic}\n(of mean)"] if statistic == second["statistic"] != FINAL_ERROR else []


def _name(path: Path) -> str:
    """The name of the output folder."""
    return (path if path.is_dir() else path.parent).resolve().name


def _cells(one: Difference) -> tuple[str, ...]:
    middle, interval = in_words(one.estimate.middle), one.estimate.interval
    difference = middle if interval is None else f"{middle} ({in_words(interval)})"
    errors = ("no number" if error is None else f"{100 * error:.3g}" for error in (one.first, one.second))
    return *errors, difference, _pair(one.steps)


def _pair(numbers: Iterable[float | str | None]) -> str:
    return " | ".join(number(one).text for one in numbers)
