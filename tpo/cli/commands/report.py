"""`tpo report`: one page with all results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli.options.option import Place
from tpo.experiments.analysis import find
from tpo.experiments.figures import page

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.errors import OutputError

EXAMPLES = """\b
Examples:
  tpo report
  tpo report results --output docs/results.html
"""


@click.command(epilog=EXAMPLES)
@click.argument("folder", type=Place(), default="runs")
@click.option("--output", metavar="FILE", type=Place(), show_default="FOLDER/report.html", help="The page to write.")
def report(folder: Path, output: Path | None) -> None:
    """Make a self-contained page of the exhibits and runs of tasks below FOLDER (default: runs); nothing is trained."""
    path = output or folder / "report.html"
    shown = page.write(find.below(folder, _say_left_out), path, _say_left_out)
    click.echo(f"results shown: {shown}; page: {path}")


def _say_left_out(error: OutputError) -> None:
    click.echo(f"left out: {error}", err=True)
