"""Printing the matrix in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tools.conformance import figures

if TYPE_CHECKING:
    from tools.conformance.report import Matrix

WIDTH = 120
"""Width of the table without a terminal, in characters."""
SHOWN = 20
"""The largest number of failures that are printed; `conformance.json` has all."""


def show(matrix: Matrix, console: Console | None = None) -> None:
    """Print the rows, the rows not run, and the failures."""
    console = console or default_console()
    rows = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for column in figures.COLUMNS:
        rows.add_column(column, no_wrap=column == figures.COLUMNS[0])
    for record in matrix.records:
        rows.add_row(*figures.cells(record))
    console.print(rows)
    absent = Table("not run", "why", box=SIMPLE)
    for row in matrix.absent:
        absent.add_row(row.name, row.reason)
    console.print(absent)
    for failure in matrix.failures[:SHOWN]:
        console.print(failure, style="red", markup=False, highlight=False, soft_wrap=True)
    if matrix.failures[SHOWN:]:
        console.print(f"and {len(matrix.failures) - SHOWN} more, in conformance.json")
    console.print(figures.verdict(matrix.records, matrix.failures), style="bold")


def default_console() -> Console:
    """Create a console as wide as the terminal, or as the table if output goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
