"""The record of an exhibit on the terminal: our numbers beside the published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.table import Table
from rich.text import Text

from tpo.cli.rendering.console import print_table, terminal
from tpo.errors import NotInstalledError
from tpo.experiments.analysis import record as records
from tpo.experiments.figures import exhibit

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.experiments.spec.schema import Record


def show(record: Record, folder: Path) -> None:
    """Write `record` and its figure to `folder`, print it, and say what was written."""
    written = [f"numbers: {records.write(record, folder)}"]
    try:
        written.append(f"figure: {', '.join(map(str, exhibit.write(record, folder)))}")
    except NotInstalledError as error:
        written.append(f"no figure: {error}")
    print_record(record)
    click.echo("\n".join(written))


def print_record(record: Record) -> None:
    """The table of `record`, and what differs from the paper."""
    console = terminal()
    print_table(console, table(record))
    for deviation in record["deviations"]:
        console.print(Text(f"changed: {deviation}"))
    for remark in filter(None, (*records.remarks(record), record["note"])):
        console.print(Text(remark))


def table(record: Record) -> Table:
    """A row per panel and arm."""
    title = f"{record['title']} ({record['source']}); {record['scale']} scale, {record['backend']}"
    shown = Table(
        title=Text(title, style="table.title"), title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    for column in ("panel", "arm"):
        shown.add_column(column, overflow="fold")
    statistic = record["statistic"].replace(", ", "\n")
    for column in (statistic, "median\nof seeds", "paper", "difference", "seeds", "s per\nstep"):
        shown.add_column(column, justify="right", no_wrap=True)
    for panel, arms in record["panels"].items():
        for index, (label, arm) in enumerate(arms.items()):
            shown.add_row(Text(panel if index == 0 else ""), Text(label), *cells(arm))
    return shown


def cells(arm: dict[str, Any]) -> tuple[str, ...]:
    """The numbers of one arm as text."""
    ours = arm["ours"]
    spread = "" if ours["spread"] is None else f" ± {ours['spread']:.2g}"
    seeds = arm["seeds"] if arm["seeds"] == arm["seeds_planned"] else f"{arm['seeds']} of {arm['seeds_planned']}"
    return (
        f"{number(ours['of_mean'])}{spread}",
        number(ours["median"]),
        "" if arm["published"] is None else number(arm["published"]),
        "" if arm["difference"] is None else f"{arm['difference']:+.4g}",
        str(seeds),
        f"{arm['seconds_per_step']:.3f}",
    )


def number(value: float | str | None) -> str:
    """A number, `never` for one that JSON cannot hold, and a text as it is."""
    if isinstance(value, str):
        return value
    return records.NEVER if value is None else records.in_digits(value)
