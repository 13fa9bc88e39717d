"""Running the missing cells of plans and showing the results."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from tpo.cli.estimates import SECONDS_PER_HOUR, estimator, in_words, show_estimates, those_that_fit
from tpo.cli.exit_codes import INTERRUPTED
from tpo.cli.rendering.cell_list import show_cells
from tpo.cli.rendering.record_table import show
from tpo.cli.run_names import named, runs_of
from tpo.cli.runner import Runner, runner
from tpo.errors import DataError, OutputError
from tpo.experiments.analysis import earlier, find
from tpo.experiments.analysis import record as records
from tpo.experiments.analysis.kept import kept_arms
from tpo.experiments.spec.cell import Cell
from tpo.experiments.storage import output
from tpo.experiments.tracking import event_log
from tpo.experiments.tracking.feed import find_trackers
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tpo.experiments.execution.estimate import Estimate
    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.spec.schema import Record
    from tpo.experiments.storage.cells import CellStore
    from tpo.plugins.hookspecs import TrackerInfo


def anything(_folder: Path, _planned: Plan) -> None:
    """Accept a folder with any record; the record is written anew."""


def run_plans(
    plans: Mapping[Path, Plan],
    library: CellStore,
    values: Mapping[str, Any],
    stored: Callable[[Path, Plan], Record | None] = anything,
) -> None:
    """Run the missing cells of each plan and show the results. Invalid input is refused before anything runs.

    Args:
        plans: Plans by output folder.
        library: The cell store.
        values: The options of all commands that train, by name.
        stored: Raises an error for a folder that must not be written; returns its record if nothing has to run.
    """
    trackers, overwrite = find_trackers(values["report_to"]), values["overwrite"]
    launcher = registry.host().find("launcher", registry.host().launchers(), values["launcher"])
    registry.check_installed("launcher", launcher)
    if values["list"]:
        for folder, planned in plans.items():
            _list(planned, _to_run(folder, planned, library, anew=overwrite), library, anew=overwrite)
        return
    for planned in plans.values():
        planned.validate()
    if values["estimate"] or values["hours"] is not None:
        to_run = {folder: _to_run(folder, one, library, anew=overwrite) for folder, one in plans.items()}
        limit = math.inf if values["estimate"] else values["hours"] * SECONDS_PER_HOUR
        estimated = estimator(named(plans, to_run), values, limit)
        if values["estimate"]:
            show_estimates(plans, to_run, estimated)
            return
        plans = _affordable(plans, those_that_fit(to_run, estimated, limit), values["hours"])
    _train(plans, library, trackers, values, stored)


def _train(
    plans: Mapping[Path, Plan],
    library: CellStore,
    trackers: Sequence[TrackerInfo],
    values: Mapping[str, Any],
    stored: Callable[[Path, Plan], Record | None],
) -> None:
    overwrite = values["overwrite"]
    _say_outdated(library, {cell.digest: cell for planned in plans.values() for cell in planned.all_cells()})
    for folder, planned in plans.items():
        output.probe(folder)
        if not overwrite:
            stored(folder, planned)
    with runner(library, trackers, values) as runs:
        for folder, planned in plans.items() if overwrite else ():
            _discard(folder, planned, library)
        for folder, planned in plans.items():
            # Checked again, since another tpo may have been writing here until now.
            if not _run(planned, folder, library, runs, stored(folder, planned)):
                _say_interrupted(planned, library, folder, ", without --overwrite" if overwrite else "")
                raise click.exceptions.Exit(INTERRUPTED)
        runs.check_finite(runs_of(plans))


def _affordable(
    plans: Mapping[Path, Plan], fitting: tuple[list[Path], Mapping[Path, Estimate]], hours: float
) -> Mapping[Path, Plan]:
    """The plans that can be finished within `hours`; those left out are told."""
    chosen, others = fitting
    for folder, one in others.items():
        takes = f"{'at least ' if one.unmeasured else ''}{in_words(one.seconds)}"
        click.echo(f"left out, with the {hours:g} h given: {plans[folder].name}, {takes}", err=True)
    return {folder: plans[folder] for folder in plans if folder in chosen}


def _run(planned: Plan, folder: Path, library: CellStore, runs: Runner, record: Record | None) -> bool:
    """Run the missing cells, unless there is a complete `record`, and show the results; return whether all are done."""
    kept = kept_arms(_earlier(folder), planned, library)
    rest = planned.without(kept.arms)
    missing, finished = library.missing(rest.all_cells()), True
    trained = bool(missing) and record is None
    if record is None or not missing:
        finished = runs.run(rest.runs(), folder)
        record = records.record_of(planned, library, kept)
    show(record, folder)
    if not trained:
        _say_stored(record)
    return finished


def _rest(folder: Path, planned: Plan, library: CellStore) -> Plan:
    """The plan without the finished arms of the record in its folder."""
    return planned.without(kept_arms(_earlier(folder), planned, library).arms)


def _earlier(folder: Path) -> Record | None:
    """The record in a folder; `None` if there is none, or one that cannot be read, which is written anew."""
    with suppress(OutputError):
        return find.read(folder) if find.holds_record(folder) else None
    return None


def _to_run(folder: Path, planned: Plan, library: CellStore, *, anew: bool) -> list[Cell]:
    """The cells of a plan that have to run, all of them if they run `anew`."""
    return planned.all_cells() if anew else library.missing(_rest(folder, planned, library).all_cells())


def _list(planned: Plan, to_run: Sequence[Cell], library: CellStore, *, anew: bool) -> None:
    # Showing results needs no data set.
    with suppress(DataError):
        planned.validate()
    show_cells(planned, {cell.digest for cell in to_run}, {} if anew else library.begun(to_run))


def _discard(folder: Path, planned: Plan, library: CellStore) -> None:
    """Delete the results of a plan, and of a task run recorded in its folder; results of other cells stay."""
    settings = (_earlier(folder) or {"settings": {}})["settings"].values()
    library.discard([*planned.all_cells(), *filter(None, map(Cell.from_stored, settings))])
    for name in (records.FILE, event_log.FILE, earlier.RESULT, *earlier.FIGURES):
        (folder / name).unlink(missing_ok=True)


def _say_outdated(library: CellStore, cells: Mapping[str, Cell]) -> None:
    outdated = library.outdated(cells.values())
    if outdated:
        message = f"{len(outdated)} of {len(cells)} runs are of another version of tpo, which computed other numbers"
        click.echo(f"{message}; they are run again.", err=True)


def _say_stored(record: Record) -> None:
    made: Mapping[str, Any] = next(iter(record["provenance"]), {"versions": {}})
    when = f", on {made['started_at']}" if "started_at" in made else ""
    version = f" with tpo {made['versions']['tpo']}" if "tpo" in made["versions"] else ""
    click.echo(f"nothing was trained: all of it was computed before{when}{version}. Repeat it: --overwrite")


def _say_interrupted(planned: Plan, library: CellStore, folder: Path, how: str) -> None:
    cells = planned.all_cells()
    done = len(cells) - len(_to_run(folder, planned, library, anew=False))
    text = f"interrupted after {done} of {len(cells)} runs; continue with the same command{how}."
    click.echo(f"{text} What was measured: {folder / records.FILE}", err=True)
