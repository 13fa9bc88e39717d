"""Printing a record: its table, the differences between its arms, and remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli.rendering.console import plain_table, print_table, terminal, text
from tpo.errors import NotInstalledError
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.table import PANEL, columns, differences
from tpo.experiments.figures import exhibit

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from tpo.experiments.spec.schema import Record


def show(record: Record, folder: Path) -> None:
    """Write `record` and its figure to `folder`, print it, and list the files written."""
    written = [f"numbers: {records.write(record, folder)}"]
    try:
        if paths := exhibit.write(record, folder):
            written.append(f"figure: {', '.join(map(str, paths))}")
    except NotInstalledError as error:
        written.append(f"no figure: {error}")
    print_record(record)
    click.echo("\n".join(written))


def print_record(record: Record) -> None:
    """Print the table of `record`, the differences between its arms, and deviations from the paper."""
    console = terminal()
    title = f"{record['title']} ({record['source']}); {record['scale']} scale, {record['backend']}"
    console.print(text(title, style="table.title"), soft_wrap=True)
    if any(record["panels"].values()):
        print_table(console, table(record))
    changes = (f"changed: {deviation}" for deviation in record["deviations"])
    for line in filter(None, (*differences(record), *changes, *records.remarks(record), record["note"])):
        console.print(text(line))


def table(record: Record) -> Table:
    """Build a table with a row per panel and arm; the panel is named in its first row."""
    shown = plain_table()
    found = columns(record)
    for one in found:
        shown.add_column(
            text(one.head), justify="left" if one.is_text else "right", overflow="fold", no_wrap=not one.is_text
        )
    texts = [[cell.text for cell in one.cells] for one in found]
    if found[0].head == PANEL:
        texts[0] = ["" if text == before else text for before, text in zip(["", *texts[0]], texts[0], strict=False)]
    for row in zip(*texts, strict=True):
        shown.add_row(*map(text, row))
    return shown
