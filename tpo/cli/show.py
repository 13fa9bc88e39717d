"""`tpo show PATH`: results that are stored, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tpo.cli.record_table import print_record
from tpo.cli.report import summary_table
from tpo.experiments import record as records
from tpo.experiments import store
from tpo.experiments.summary import Summary, summarize

EXAMPLES = """\b
Examples:
  tpo show runs/table1-laptop-jax
  tpo show runs/token-reversal --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the numbers of each arm as JSON.")
def show(path: Path, *, as_json: bool) -> None:
    """Show what a run or an exhibit came to. PATH is its output folder, or the file in it; nothing is trained."""
    folder = path if path.is_dir() else path.parent
    if (folder / store.RESULT).exists() and path.name != records.FILE:
        summaries = summarize(store.load(folder))
        if as_json:
            click.echo(json.dumps({"arms": {label: _plain(one) for label, one in summaries.items()}}))
        else:
            Console(highlight=False).print(summary_table(summaries))
        return
    record = records.read(path)
    if as_json:
        click.echo(json.dumps(records.summary(record)))
    else:
        print_record(record)


def _plain(one: Summary) -> dict[str, Any]:
    return {
        "final_error": {"mean": one.error_mean, "se": one.error_standard_error, "median": one.error_median},
        "steps_to_1pct": {"of_mean": one.steps_of_mean, "median": one.steps_median},
        "seconds_per_step": one.seconds_per_step,
    }
