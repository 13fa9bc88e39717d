"""`tpo report`: one page of all exhibits that were run."""

from __future__ import annotations

from pathlib import Path

import click

from tpo.experiments import page
from tpo.experiments import record as records

EXAMPLES = """\b
Examples:
  tpo report
  tpo report results --output docs/results.html
"""


@click.command(epilog=EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path), default="runs")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="FOLDER/report.html if left out.")
def report(folder: Path, output: Path | None) -> None:
    """Make a self-contained page from the records of exhibits below FOLDER (default: runs); nothing is trained."""
    found = [records.read(path) for path in sorted(folder.glob(f"**/{records.FILE}"))]
    path = output or folder / "report.html"
    page.write(found, path)
    click.echo(f"{len(found)} exhibits: {path}")
