"""`tpo show PATH`: printing stored results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tpo.cli.options.option import Place
from tpo.cli.rendering.difference_table import print_differences
from tpo.cli.rendering.record_table import print_record
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.differences import differences_as_json

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = """\b
Examples:
  tpo show runs/table1-laptop-jax
  tpo show runs/table1-laptop-jax --against TPO
  tpo show runs/token-reversal --json
  tpo show runs/table1-laptop-jax --against TPO --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=Place())
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of each arm, or differences, as JSON.")
@click.option("--against", metavar="ARM", help="Compare all other arms with ARM: differences and intervals.")
def show(path: Path, *, as_json: bool, against: str | None) -> None:
    """Show the results of a run or an exhibit. PATH is its output folder, or the file in it; nothing is trained."""
    record = find.read(path)
    if against is not None and as_json:
        click.echo(json.dumps(differences_as_json(record, against), allow_nan=False))
    elif against is not None:
        print_differences(record, against)
    elif as_json:
        click.echo(json.dumps(records.summary(record), allow_nan=False))
    else:
        print_record(record)
