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
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage.cells import CellResult, CellStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tpo.cli.runner import Runner
    from tpo.experiments.spec.planned import Plan

SECONDS_PER_HOUR = 3600.0


def estimates(plans: Mapping[Path, Plan], library: CellStore, values: Mapping[str, Any]) -> dict[Path, Estimate]:
    """Measure some steps of each kind of missing cell, and estimate what the missing cells of each plan take.

    Args:
        plans: Valid plans by output folder. Cells that several have count for the first.
        library: The cell store, which stays as it is.
        values: The options of all commands that train, by name.
    """
    missing, seen = dict[Path, list[Cell]](), set[str]()
    for folder, planned in plans.items():
        missing[folder] = [cell for cell in library.missing(planned.all_cells()) if cell.digest not in seen]
        seen |= {cell.digest for cell in missing[folder]}
    with tempfile.TemporaryDirectory(prefix="tpo-estimate-") as scratch:
        store = CellStore(Path(scratch) / "cells")
        with runner(store, (), values) as runs:
            jobs = runs.jobs
            probed, overhead = _probe([cell for cells in missing.values() for cell in cells], store, runs)
    return {folder: estimate(cells, probed, overhead, jobs) for folder, cells in missing.items()}


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
    names = {f"{cell.arm.algorithm} on {cell.task}, {kind[:6]}": cell for kind, cell in probes.items()}
    if not runs.run(names, store.folder.parent):
        raise click.exceptions.Exit(INTERRUPTED)
    return {kind: found for kind, cell in probes.items() if (found := store.load(cell)) is not None}


def show_estimates(plans: Mapping[Path, Plan], found: Mapping[Path, Estimate]) -> None:
    """Print the estimated time of each plan, and of all plans together if there are several."""
    for folder, one in found.items():
        planned = plans[folder].all_cells()
        whole = sum(cell.seed_steps for cell in planned)
        done = f"{100 * (1 - one.seed_steps / whole):.0f} % done"
        click.echo(
            f"{plans[folder].name}: {in_words(one.seconds)} for {one.cells} of {len(planned)} runs, "
            f"{one.seed_steps:,} of {whole:,} steps times seeds ({done})"
        )
    if len(found) > 1:
        click.echo(f"together: {in_words(sum(one.seconds for one in found.values()))}")


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


def those_that_fit(found: Mapping[Path, Estimate], hours: float) -> list[Path]:
    """The folders of the plans that can be finished within `hours`, the cheapest first."""
    chosen, left = [], hours * SECONDS_PER_HOUR
    for folder, one in sorted(found.items(), key=lambda item: item[1].seconds):
        if one.seconds > left:
            break
        chosen.append(folder)
        left -= one.seconds
    return chosen
