"""Measuring how long plans will take: `--estimate` and `--hours`."""

from __future__ import annotations

import itertools
import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.exit_codes import INTERRUPTED
from tpo.cli.runner import runner
from tpo.experiments.execution.estimate import (
    Estimate,
    Probe,
    estimate,
    first_probe,
    is_worth_repeating,
    overhead_of,
    second_probe,
)
from tpo.experiments.storage.cells import CellStore

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from tpo.cli.runner import Runner
    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.planned import Plan

    Estimator = Callable[[Sequence[Cell]], Estimate]

SECONDS_PER_HOUR = 3600.0


def estimator(
    to_run: Mapping[Path, Mapping[str, Cell]], values: Mapping[str, Any], limit: float = math.inf
) -> Estimator:
    """Measure some steps of each kind of cell; return a function that estimates what some of the cells take.

    Args:
        to_run: The cells that have to run, by name, of each plan.
        values: The options of all commands that train, by name.
        limit: Seconds. Once a plan is known to take longer, what only it needs is not measured.
    """
    probes: dict[str, Probe] = {}
    with tempfile.TemporaryDirectory(prefix="tpo-estimate-") as scratch:
        store = CellStore(Path(scratch) / "cells")
        with runner(store, (), values) as runs:
            jobs = runs.jobs
            while some := _unmeasured(to_run, probes, limit, jobs):
                probes |= _measure(some, to_run, store, runs)
    return lambda cells: estimate(cells, probes, jobs)


def _unmeasured(
    to_run: Mapping[Path, Mapping[str, Cell]], probes: Mapping[str, Probe], limit: float, jobs: int
) -> dict[str, Cell]:
    """One cell of each kind that has to be measured, by name; as many as run at once, if there is a limit."""
    fitting = [runs for runs in to_run.values() if estimate(list(runs.values()), probes, jobs).seconds <= limit]
    found: dict[str, tuple[str, Cell]] = {}
    for name, cell in itertools.chain.from_iterable(runs.items() for runs in fitting):
        if cell.kind not in probes:
            found.setdefault(cell.kind, (name, cell))
    return dict(itertools.islice(found.values(), None if math.isinf(limit) else jobs))


def _measure(
    some: Mapping[str, Cell], to_run: Mapping[Path, Mapping[str, Cell]], store: CellStore, runs: Runner
) -> dict[str, Probe]:
    """Time one or two short runs of each of `some` cells; return the last ones, by kind."""
    cells = {cell.digest: cell for runs in to_run.values() for cell in runs.values()}.values()
    alike = {name: [other for other in cells if other.kind == cell.kind] for name, cell in some.items()}
    first = _probe({name: first_probe(cell) for name, cell in some.items()}, store, runs)
    again = {
        name: second_probe(some[name], one.result)
        for name, one in first.items()
        if is_worth_repeating(alike[name], one)
    }
    return {some[name].kind: one for name, one in {**first, **_probe(again, store, runs)}.items()}


def _probe(cells: Mapping[str, Cell], store: CellStore, runs: Runner) -> dict[str, Probe]:
    """Run shortened cells, and return what was measured, by name.

    Raises:
        click.exceptions.Exit: A Ctrl-C came.
    """
    began = time.monotonic()
    if not runs.run(cells, store.folder.parent):
        raise click.exceptions.Exit(INTERRUPTED)
    wall = time.monotonic() - began
    results = {name: found for name, cell in cells.items() if (found := store.load(cell)) is not None}
    overhead = overhead_of(wall, list(results.values()), runs.jobs)
    return {name: Probe(result, overhead) for name, result in results.items()}


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
    to_run: Mapping[Path, Sequence[Cell]], estimated: Estimator, limit: float
) -> tuple[list[Path], dict[Path, Estimate]]:
    """Choose the folders of the plans that can be finished within `limit` seconds, the cheapest first.

    Cells of a plan that is chosen cost nothing in another one. A plan that was not measured to its end does not fit.

    Returns:
        The folders, and what each of the others would take besides.
    """
    chosen, seen, left = list[Path](), set[str](), limit
    while len(chosen) < len(to_run):
        others = {folder: cells for folder, cells in to_run.items() if folder not in chosen}
        found = {folder: estimated(_without(cells, seen)) for folder, cells in others.items()}
        cheapest = min(found, key=lambda folder: (found[folder].unmeasured > 0, found[folder].seconds))
        if found[cheapest].unmeasured or found[cheapest].seconds > left:
            return chosen, found
        chosen.append(cheapest)
        seen |= {cell.digest for cell in to_run[cheapest]}
        left -= found[cheapest].seconds
    return chosen, {}
