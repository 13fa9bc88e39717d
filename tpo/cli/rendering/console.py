"""The terminal: texts are shown as they are, and tables keep their words however narrow it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement, measure_renderables
from rich.table import Table

if TYPE_CHECKING:
    from rich.table import Column

WIDEST = 10_000
"""Columns in which any table has room."""


GAP = 2
"""Columns between two of a table."""


def terminal() -> Console:
    """The standard output, on which nothing is taken for markup."""
    return Console(highlight=False, markup=False, emoji=False)


def plain_table(**more: Any) -> Table:
    """A table without lines, its columns beside each other."""
    return Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, **more)


def print_table(console: Console, table: Table) -> None:
    """Print `table` so that no word is cut: wider than the terminal, which folds its lines, if need be."""
    # rich itself narrows columns that may be folded to nothing, and then drops them.
    sizes = [_size(console, column) for column in table.columns]
    least = sum(size.minimum for size in sizes) + GAP * (len(sizes) - 1)
    console.width = max(console.width, least)
    room = console.width - least
    # The widest are folded, for the others have room sooner.
    for column, size in sorted(zip(table.columns, sizes, strict=True), key=lambda pair: pair[1].span):
        more = min(size.span, room)
        column.width, room = size.minimum + more, room - more
    console.print(table)


def _size(console: Console, column: Column) -> Measurement:
    """The widths that a column may have: that of its longest word, or of its longest line."""
    found = measure_renderables(console, console.options.update(width=WIDEST), [column.header, *column.cells])
    return Measurement(found.maximum, found.maximum) if column.no_wrap else found
