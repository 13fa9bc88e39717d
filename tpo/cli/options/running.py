"""Options of all commands that train: what runs the cells, how many at once, and where each step is reported."""

from __future__ import annotations

import click

from tpo.cli.options.option import choices, option
from tpo.experiments.execution.launchers import HERE
from tpo.plugins import registry

MOST_JOBS = 10_000


def running_options() -> list[click.Option]:
    """Options for running cells and reporting to trackers."""
    jobs = option("--jobs", type=click.IntRange(1, MOST_JOBS), show_default="the cores", help="Cells to train at once.")
    launcher = option(
        "--launcher", metavar=choices(registry.host().launchers()), default=HERE, help="What runs the cells."
    )
    address = option(
        "--address",
        metavar="ADDRESS",
        show_default="this machine",
        help="Address of a running cluster, for --launcher ray.",
    )
    known = "|".join(registry.host().trackers())
    text = f"Report each step to one of {known}; may be repeated. events.jsonl is always written."
    return [jobs, launcher, address, option("--report-to", metavar="NAME", multiple=True, help=text)]
