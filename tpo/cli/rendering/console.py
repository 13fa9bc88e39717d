"""The terminal: texts are shown as they are, and tables keep their words however narrow it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement

if TYPE_CHECKING:
    from rich.table import Table

WIDEST = 10_000
"""Columns in which any table has room."""


def terminal() -> Console:
    """The standard output, on which nothing is taken for markup."""
    return Console(highlight=False, markup=False, emoji=False)


def print_table(console: Console, table: Table) -> None:
    """Print `table` so that no word is cut: wider than the terminal, which folds it, if need be."""
    # rich drops columns where there is no room.
    least = Measurement.get(console, console.options.update(width=WIDEST), table).minimum
    console.width = max(console.width, least)
    console.print(table)
