"""Printing to the terminal, without markup, and with tables that keep their words on narrow terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement, measure_renderables
from rich.table import Table
from rich.text import Text

from tpo.cli.escaping import escaped

if TYPE_CHECKING:
    from rich.table import Column

WIDEST = 10_000
"""A width, in characters, that is enough for any table."""


GAP = 2
"""Characters between two columns of a table."""


def terminal() -> Console:
    """Create a console for the standard output that interprets no markup."""
    return Console(highlight=False, markup=False, emoji=False)


def text(content: str, style: str = "") -> Text:
    """Create a text for rich, with control characters escaped and nothing interpreted as markup."""
    return Text(escaped(content), style=style)


def plain_table(**more: Any) -> Table:
    """Create a table without borders."""
    return Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, **more)


def print_table(console: Console, table: Table) -> None:
    """Print `table` without cutting words; if necessary, it is wider than the terminal, which folds its lines."""
    # rich itself narrows columns that may be folded down to width 0, and then drops them.
    sizes = [_size(console, column) for column in table.columns]
    least = sum(size.minimum for size in sizes) + GAP * (len(sizes) - 1)
    console.width = max(console.width, least)
    room = console.width - least
    # The widest columns are folded first.
    for column, size in sorted(zip(table.columns, sizes, strict=True), key=lambda pair: pair[1].span):
        more = min(size.span, room)
        column.width, room = size.minimum + more, room - more
    console.print(table)


def _size(console: Console, column: Column) -> Measurement:
    """The smallest and largest useful width of a column: its longest word, and its longest line."""
    found = measure_renderables(console, console.options.update(width=WIDEST), [column.header, *column.cells])
    return Measurement(found.maximum, found.maximum) if column.no_wrap else found
