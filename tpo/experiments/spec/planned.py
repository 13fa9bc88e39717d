"""The plan of an exhibit: its cells at one scale on one backend."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.overrides import resolved
from tpo.experiments.spec.schema import run_label
from tpo.experiments.spec.selection import EVERYTHING
from tpo.plugins import registry
from tpo.training.metric_names import check_measured, measured_names

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.exhibit import Exhibit
    from tpo.experiments.spec.selection import Selection


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The cells of an exhibit at one scale on one backend, with the deviations from the paper.

    Attributes:
        exhibit: The exhibit.
        scale: The name of the scale.
        cells: The cells of each panel and arm, one per block of seeds.
        deviations: Settings that differ from the full scale, in words.
        changes: Changed settings in addition to the scale.
        selection: The panels and arms that were chosen.
    """

    exhibit: Exhibit
    scale: str
    cells: Mapping[tuple[str, str], tuple[Cell, ...]]
    deviations: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)
    selection: Selection = EVERYTHING

    @property
    def name(self) -> str:
        """The name of the plan: exhibit, scale and backend, and a digest of further changes and of the selection."""
        cell = self.all_cells()[0]
        parts = [self.exhibit.name, self.scale, cell.backend]
        if self.changes or cell.device or self.selection:
            final = resolved(settings_of(self.exhibit), self.changes)
            changes = sorted([".".join(path), value] for path, value in final.items())
            selected = [self.selection.to_json()] if self.selection else []
            described = json.dumps([changes, cell.device, *selected])
            parts.append(hashlib.sha256(described.encode()).hexdigest()[:8])
        return "-".join(parts)

    def runs(self) -> dict[str, Cell]:
        """The cells by a description in words."""
        return {
            f"{run_label(panel, arm)}, {cell.seeds_in_words}": cell
            for (panel, arm), cells in self.cells.items()
            for cell in cells
        }

    def validate(self) -> None:
        """Raise an error, before any library is imported, if cells cannot run or lack metrics that the exhibit shows.

        Raises:
            TPOError: As in `Cell.validate`, or the exhibit shows an unknown metric.
        """
        for cell in self.all_cells():
            cell.validate()
        self.check_measures()

    def check_measures(self) -> None:
        """Raise an error if the exhibit shows an unknown metric.

        Raises:
            UnknownNameError: A name is not that of a metric, or a curve is one of no arm.
        """
        runs = [(registry.created_task(cell.task, cell.options), cell.arm) for cell in self.all_cells()]
        for task, arm in runs:
            check_measured(task, arm, self.exhibit.measures)
        # Of the exhibit's arms, since a selection may lack the one that has a curve.
        every = self.exhibit.arms.values()
        drawn = {name for task, _ in runs for arm in every for name in measured_names(task, arm)}
        for task, arm in runs[:1]:
            check_measured(task, arm, [name for name in self.exhibit.curves if name not in drawn])

    def settings(self) -> dict[str, dict[str, Any]]:
        """The settings of each arm of each panel, as JSON data of a cell with all its seeds."""
        return {
            run_label(panel, arm): cells[0].to_json() | {"seeds": [seed for cell in cells for seed in cell.seeds]}
            for (panel, arm), cells in self.cells.items()
        }

    def without(self, places: Container[tuple[str, str]]) -> Plan:
        """The plan without the arms at `places`, labels of panels and arms."""
        return replace(self, cells={place: cells for place, cells in self.cells.items() if place not in places})

    def all_cells(self) -> list[Cell]:
        """The cells of all panels and arms, each once."""
        return list({cell.digest: cell for block in self.cells.values() for cell in block}.values())


def settings_of(exhibit: Exhibit) -> dict[str, Any]:
    """The tree of all settings of an exhibit at its full scale."""
    arms = {label: asdict(arm) for label, arm in exhibit.arms.items()}
    return {"task": _task_options(exhibit), "trainer": asdict(exhibit.trainer), "arms": arms}


def _task_options(exhibit: Exhibit) -> dict[str, Any]:
    cls = registry.task(exhibit.task)
    task = registry.created_task(exhibit.task, exhibit.options)
    return {option.name: getattr(task, option.name) for option in fields(cls)}
