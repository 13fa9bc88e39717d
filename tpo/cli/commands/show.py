"""`tpo show PATH`: results that are stored, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tpo.cli.rendering.record_table import print_record
from tpo.experiments.analysis import find
from tpo.experiments.analysis import record as records

EXAMPLES = """\b
Examples:
  tpo show runs/table1-laptop-jax
  tpo show runs/token-reversal --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of each arm as JSON.")
def show(path: Path, *, as_json: bool) -> None:
    """Show the results of a run or an exhibit. PATH is its output folder, or the file in it; nothing is trained."""
    record = find.read(path)
    if as_json:
        click.echo(json.dumps(records.summary(record), allow_nan=False))
    else:
        print_record(record)
