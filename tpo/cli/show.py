"""`tpo show PATH`: results that are stored, on the terminal."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from tpo.cli.record_table import print_record
from tpo.cli.result_table import summary_table
from tpo.experiments import record as records
from tpo.experiments import store
from tpo.experiments.summary import Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    file = path / store.RESULT if (path / store.RESULT).exists() else path
    if file.name == store.RESULT:
        result = store.load(file.parent)
        summaries = summarize(result)
        numbers: Mapping[str, Any] = {"arms": {label: _plain(one) for label, one in summaries.items()}}
        shown = [summary_table(summaries), records.outdated(result.numbers)]
        print_table = partial(Console(highlight=False).print, *filter(None, shown), sep="\n")
    else:
        record = records.read(path)
        numbers, print_table = records.summary(record), partial(print_record, record)
    if as_json:
        click.echo(json.dumps(numbers, allow_nan=False))
    else:
        print_table()


def _plain(one: Summary) -> dict[str, Any]:
    """Its numbers, with `None` for those that JSON does not have."""
    final = {"mean": one.error_mean, "se": one.error_standard_error, "median": one.error_median}
    return {
        "final_error": {name: records.finite(value) for name, value in final.items()},
        "steps_to_1pct": {"of_mean": one.steps_of_mean, "median": one.steps_median},
        "seconds_per_step": one.seconds_per_step,
    }
