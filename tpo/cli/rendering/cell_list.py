"""Printing the cells of a plan: which are done, which are begun, and which have to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from tpo.experiments.spec.planned import Plan


def show_cells(planned: Plan, to_run: Container[str], begun: Mapping[str, int]) -> None:
    """Print a line per cell: its digest, its state and its name.

    Args:
        planned: The plan.
        to_run: The digests of the cells without a result.
        begun: The steps that those with a checkpoint have done, by digest.
    """
    for name, cell in planned.runs().items():
        steps = begun.get(cell.digest) if cell.digest in to_run else None
        state = "done" if cell.digest not in to_run else "to run" if steps is None else "begun"
        progress = "" if steps is None else f", {steps} of {cell.steps} steps"
        click.echo(f"{cell.digest}  {state:6}  {name}{progress}")
