"""A plan: the cells of an exhibit at one scale, on one backend."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.overrides import resolved
from tpo.experiments.spec.schema import run_label
from tpo.plugins import registry
from tpo.training.metric_names import check_measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.cell import Cell
    from tpo.experiments.spec.exhibit import Exhibit


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An exhibit at one scale on one backend: its cells, and what differs from the paper.

    Attributes:
        exhibit: What it is a plan of.
        scale: As asked for.
        cells: By panel and arm, a cell per block of seeds.
        deviations: Settings that are not those of the whole, in words.
        changes: What was asked for beyond the scale.
    """

    exhibit: Exhibit
    scale: str
    cells: Mapping[tuple[str, str], tuple[Cell, ...]]
    deviations: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells it from other plans: exhibit, scale and backend, and a digest of what was changed besides."""
        cell = self.all_cells()[0]
        parts = [self.exhibit.name, self.scale, cell.backend]
        if self.changes or cell.device:
            final = resolved(settings_of(self.exhibit), self.changes)
            described = json.dumps([sorted([".".join(path), value] for path, value in final.items()), cell.device])
            parts.append(hashlib.sha256(described.encode()).hexdigest()[:8])
        return "-".join(parts)

    def runs(self) -> dict[str, Cell]:
        """The cells by what they are in words."""
        return {
            f"{run_label(panel, arm)}, {cell.seeds_in_words}": cell
            for (panel, arm), cells in self.cells.items()
            for cell in cells
        }

    def validate(self) -> None:
        """Refuse what cannot be run, or would not measure what the exhibit shows, before any library is imported.

        Raises:
            TPOError: As `Cell.validate` has it, or the exhibit names what is not measured.
        """
        for cell in self.all_cells():
            cell.validate()
        self.check_measures()

    def check_measures(self) -> None:
        """Refuse what would not measure all that the exhibit shows.

        Raises:
            UnknownNameError: A name is of none of what is measured.
        """
        for cell in self.all_cells():
            check_measured(registry.task(cell.task)(**cell.options), cell.arm, self.exhibit.measures)

    def settings(self) -> dict[str, dict[str, Any]]:
        """What decides the results of each arm of each panel, as JSON has it: as a cell of all its seeds."""
        return {
            run_label(panel, arm): cells[0].to_json() | {"seeds": [seed for cell in cells for seed in cell.seeds]}
            for (panel, arm), cells in self.cells.items()
        }

    def all_cells(self) -> list[Cell]:
        """Of all panels and arms, each once."""
        return list({cell.digest: cell for block in self.cells.values() for cell in block}.values())


def settings_of(exhibit: Exhibit) -> dict[str, Any]:
    """All that can be set, as a tree, at its whole scale."""
    arms = {label: asdict(arm) for label, arm in exhibit.arms.items()}
    return {"task": _task_options(exhibit), "trainer": asdict(exhibit.trainer), "arms": arms}


def _task_options(exhibit: Exhibit) -> dict[str, Any]:
    cls = registry.task(exhibit.task)
    task = cls(**exhibit.options)
    return {option.name: getattr(task, option.name) for option in fields(cls)}
