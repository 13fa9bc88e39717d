"""`tpo show PATH`: results that are stored, on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tpo.cli.options.option import Place
from tpo.cli.rendering.console import print_table, terminal
from tpo.cli.rendering.record_table import print_record
from tpo.cli.rendering.result_table import summary_table
from tpo.experiments.analysis import find, store
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.summary import summarize

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.experiments.analysis.result import Result

EXAMPLES = """\b
Examples:
  tpo show runs/table1-laptop-jax
  tpo show runs/token-reversal --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=Place())
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of each arm as JSON.")
def show(path: Path, *, as_json: bool) -> None:
    """Show what a run or an exhibit came to. PATH is its output folder, or the file in it; nothing is trained."""
    if as_json:
        click.echo(json.dumps(records.summary(find.read(path)), allow_nan=False))
    elif (run := find.run_folder(path)) is not None:
        _print_run(store.load(run))
    else:
        print_record(records.read(path))


def _print_run(result: Result) -> None:
    console = terminal()
    print_table(console, summary_table(summarize(result)))
    for remark in records.remarks_on(completed=result.completed, numbers=result.numbers):
        console.print(remark)
