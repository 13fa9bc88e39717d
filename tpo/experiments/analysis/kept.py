"""Finished arms of a stored record, which need not run again even if their cells are gone.

A record is small enough to be committed, cells are not. So a long exhibit can be finished on another machine, from its
record alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.experiments.spec.schema import RESULTS_VERSION, run_label
from tpo.plugins import registry
from tpo.training.metric_names import measured_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.planned import Plan
    from tpo.experiments.spec.schema import Record
    from tpo.experiments.storage.cells import CellStore


class Kept(NamedTuple):
    """Finished arms of an earlier record, with its provenance.

    Attributes:
        arms: The finished arms, by the labels of panel and arm.
        provenance: Of the record.
    """

    arms: Mapping[tuple[str, str], dict[str, Any]]
    provenance: list[dict[str, Any]]

    def costs(self, planned: Plan) -> list[dict[str, float]]:
        """The cost of each arm. An arm that several panels share is counted once."""
        first = {tuple(cell.digest for cell in planned.cells[place]): arm for place, arm in self.arms.items()}
        return [arm["cost"] for arm in first.values()]


NOTHING = Kept({}, [])


def kept_arms(stored: Record | None, planned: Plan, library: CellStore) -> Kept:
    """The arms of a record that are finished, as `planned`, and whose cells are not all in `library`."""
    if stored is None or not _is_of(stored, planned):
        return NOTHING
    arms = {
        (panel, label): arm
        for (panel, label), cells in planned.cells.items()
        if library.missing(cells) and (arm := _finished(stored, planned, panel, label)) is not None
    }
    return Kept(arms, stored["provenance"]) if arms else NOTHING


def _is_of(stored: Record, planned: Plan) -> bool:
    """Whether a record has the numbers of this version, and the statistic of the plan's exhibit."""
    statistic = planned.exhibit.statistic
    return bool(stored.get("numbers", 1) == RESULTS_VERSION and stored["statistic"] == statistic)


def _finished(stored: Record, planned: Plan, panel: str, label: str) -> dict[str, Any] | None:
    """The arm of a record if all seeds are finished, its settings are the planned ones, and it lacks nothing shown."""
    arm: dict[str, Any] | None = stored["panels"].get(panel, {}).get(label)
    settings, cells = stored["settings"].get(run_label(panel, label)), planned.cells[panel, label]
    if arm is None or settings is None or arm["seeds"] != arm["seeds_planned"] or arm.get("cost") is None:
        return None
    whole = replace(cells[0], seeds=tuple(seed for cell in cells for seed in cell.seeds))
    return arm if whole.is_described_by(settings) and _drawn(planned, whole) <= set(arm["curves"]) else None


def _drawn(planned: Plan, cell: Cell) -> set[str]:
    """The metrics that the exhibit draws against steps and that the cell has."""
    task = registry.created_task(cell.task, cell.options)
    return set(planned.exhibit.curves) & set(measured_names(task, cell.arm))
