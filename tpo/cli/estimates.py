"""Measuring how long plans will take: `--estimate` and `--hours`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.exit_codes import INTERRUPTED
from tpo.cli.runner import runner
from tpo.experiments.execution.estimate import Estimate, estimate, first_probes, kind_of, overhead_of, second_probe
from tpo.experiments.storage.cells import CellResult, CellStore

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from tpo.cli.runner import Runner
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.planned import Plan

    Estimator = Callable[[Sequence[Cell]], Estimate]

SECONDS_PER_HOUR = 3600.0


def estimator(cells: Sequence[Cell], values: Mapping[str, Any]) -> Estimator:
    """Measure some steps of each kind of cell; return a function that estimates what some of `cells` take.

    Args:
        cells: The cells that have to run.
        values: The options of all commands that train, by name.
    """
    with tempfile.TemporaryDirectory(prefix="tpo-estimate-") as scratch:
        store = CellStore(Path(scratch) / "cells")
        with runner(store, (), values) as runs:
            jobs = runs.jobs
            probed, overhead = _probe(cells, store, runs)
    return lambda some: estimate(some, probed, overhead, jobs)


def _probe(cells: Sequence[Cell], store: CellStore, runs: Runner) -> tuple[dict[str, CellResult], float]:
    """Time two short runs of each kind of cell; return the second runs' results, and the overhead per cell."""
    first = _run(first_probes(cells), store, runs)
    whole = {kind_of(cell): cell for cell in cells}
    began = time.monotonic()
    # The kind of a probe is another one than that of its cell: it has fewer steps.
    second = _run({kind: second_probe(whole[kind], result) for kind, result in first.items()}, store, runs)
    return second, overhead_of(time.monotonic() - began, list(second.values()), runs.jobs)


def _run(probes: Mapping[str, Cell], store: CellStore, runs: Runner) -> dict[str, CellResult]:
    """Run probes, by kind, and return their results.

    Raises:
        click.exceptions.Exit: A Ctrl-C came.
    """
    names = {f"{cell.arm.algorithm} on {cell.task}, {kind}": cell for kind, cell in probes.items()}
    if not runs.run(names, store.folder.parent):
        raise click.exceptions.Exit(INTERRUPTED)
    return {kind: found for kind, cell in probes.items() if (found := store.load(cell)) is not None}


def show_estimates(plans: Mapping[Path, Plan], to_run: Mapping[Path, Sequence[Cell]], estimated: Estimator) -> None:
    """Print the estimated time of each plan, and of all plans together if there are several.

    Cells that several plans have in common count for the first.
    """
    seen, together = set[str](), 0.0
    for folder, cells in to_run.items():
        one, planned = estimated(_without(cells, seen)), plans[folder].all_cells()
        seen |= {cell.digest for cell in cells}
        together += one.seconds
        whole = sum(cell.seed_steps for cell in planned)
        done = f"{100 * (1 - one.seed_steps / whole):.0f} % done"
        click.echo(
            f"{plans[folder].name}: {in_words(one.seconds)} for {one.cells} of {len(planned)} runs, "
            f"{one.seed_steps:,} of {whole:,} steps times seeds ({done})"
        )
    if len(to_run) > 1:
        click.echo(f"together: {in_words(together)}")


def _without(cells: Sequence[Cell], digests: Container[str]) -> list[Cell]:
    return [cell for cell in cells if cell.digest not in digests]


def in_words(seconds: float) -> str:
    """Format a time with two digits or so: seconds, minutes or hours.

    Example:
        >>> from tpo.cli.estimates import in_words
        >>> in_words(90), in_words(240), in_words(9000)
        ('90 s', '4 min', '2.5 h')
    """
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * SECONDS_PER_HOUR else f"{seconds / SECONDS_PER_HOUR:.1f} h"


def those_that_fit(
    to_run: Mapping[Path, Sequence[Cell]], estimated: Estimator, hours: float
) -> tuple[list[Path], dict[Path, float]]:
    """Choose the folders of the plans that can be finished within `hours`, the cheapest first.

    Cells of a plan that is chosen cost nothing in another one.

    Returns:
        The folders, and the seconds that each of the others would take besides.
    """
    chosen, seen, left = list[Path](), set[str](), hours * SECONDS_PER_HOUR
    while len(chosen) < len(to_run):
        others = {folder: cells for folder, cells in to_run.items() if folder not in chosen}
        seconds = {folder: estimated(_without(cells, seen)).seconds for folder, cells in others.items()}
        cheapest = min(seconds, key=lambda folder: seconds[folder])
        if seconds[cheapest] > left:
            return chosen, seconds
        chosen.append(cheapest)
        seen |= {cell.digest for cell in to_run[cheapest]}
        left -= seconds[cheapest]
    return chosen, {}
