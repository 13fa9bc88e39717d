"""`tpo compare A B`: two runs of an exhibit side by side."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tpo.cli.record_table import number
from tpo.experiments import record as records
from tpo.experiments.comparison import Difference
from tpo.experiments.comparison import compare as compare_records

EXAMPLES = """\b
Examples:
  tpo compare runs/table1-laptop-jax runs/table1-laptop-torch
"""


@click.command(epilog=EXAMPLES)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
def compare(first: Path, second: Path) -> None:
    """Show the arms that two exhibits have in common, and how far apart they are; nothing is trained."""
    shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("panel", "arm"):
        shown.add_column(column, overflow="fold")
    for column in (
        f"error %\n{first.name}",
        f"error %\n{second.name}",
        "difference in\nstandard errors",
        "median steps\nto 1 %",
    ):
        shown.add_column(column, justify="right")
    for one in compare_records(records.read(first), records.read(second)):
        shown.add_row(Text(one.panel), Text(one.arm), *_cells(one))
    Console(highlight=False).print(shown)


def _cells(one: Difference) -> tuple[str, ...]:
    spreads = "-" if one.spreads is None else f"{one.spreads:+.1f}"
    steps = " | ".join(number(step) for step in one.steps)
    return f"{100 * one.first:.3g}", f"{100 * one.second:.3g}", spreads, steps
