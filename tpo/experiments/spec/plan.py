"""What running an exhibit comes to: its cells at one scale, on one backend."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError, look_up
from tpo.experiments.spec.arms import arm_of
from tpo.experiments.spec.cell import Cell
from tpo.experiments.spec.exhibit import Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import UNSET, changed, flat, merged, parsed, resolved
from tpo.experiments.spec.schema import run_label
from tpo.plugins import registry
from tpo.training.metric_names import check_measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tpo.experiments.spec.exhibit import Exhibit, Scale
    from tpo.experiments.spec.overrides import KeyPath
    from tpo.training.arm import Arm

INCIDENTAL = ("trainer.seeds_per_cell",)
"""Settings that decide how something is computed, and not what."""


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


def plan(
    exhibit: Exhibit, scale: str, changes: Mapping[str, Any], *, backend: str | None = None, device: str | None = None
) -> Plan:
    """The cells of `exhibit`.

    Args:
        exhibit: What to run.
        scale: The whole, or one of the exhibit's smaller ones.
        changes: Settings to change, by dotted name, over those of the scale: `trainer.steps`, `task.length`,
            `arm.batch_size` in all arms, `arms.TPO.epochs` in one.
        backend: A registered name; the exhibit's own if `None`.
        device: As the backend names it.

    Raises:
        UnknownNameError: There is no such scale or setting.
        InvalidTypeError: A value is of the wrong type.
        InvalidArgumentError: A number makes no sense.
    """
    chosen = look_up("scale", scale, exhibit.all_scales)
    published = settings_of(exhibit)
    asked = merged(chosen.settings, changes)
    _check_panels(exhibit, published, asked)
    cells: dict[tuple[str, str], tuple[Cell, ...]] = {}
    for panel, own in exhibit.panels.items():
        if chosen.panels and panel not in chosen.panels:
            continue
        settings = changed(published, resolved(published, {**own, **asked}))
        settings["task"] = fitted(registry.task(exhibit.task), settings["task"], "task")
        for label, arm in settings["arms"].items():
            where = {"backend": backend or exhibit.backend, "device": device}
            cells[panel, label] = tuple(_cells(exhibit.task, settings, arm_of(arm, f"arms.{label}"), where))
    deviations = _deviations(exhibit, chosen, asked)
    return Plan(exhibit=exhibit, scale=scale, cells=cells, deviations=deviations, changes=changes)


def asked_for(exhibit: Exhibit, assignments: Iterable[str]) -> dict[str, Any]:
    """What assignments as typed change in `exhibit`, by dotted name: `arm.batch_size=50`.

    Raises:
        InvalidArgumentError: One has no `=`.
    """
    return parsed(settings_of(exhibit), assignments)


def _check_panels(exhibit: Exhibit, settings: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Refuse to change what tells the panels apart; how long they run may be changed."""

    def paths(named: Mapping[str, Any]) -> set[KeyPath]:
        return {path for path in resolved(settings, named) if path[0] != "trainer"}

    own = {path for panel in exhibit.panels.values() for path in paths(panel)}
    for name in changes:
        if own & paths({name: None}):
            message = f"a setting must not change what the panels of {exhibit.name} differ in; got {name!r}."
            raise InvalidArgumentError(f"{message} Change a run of the task instead: tpo run {exhibit.task}.")


def settings_of(exhibit: Exhibit) -> dict[str, Any]:
    """All that can be set, as a tree, at its whole scale."""
    arms = {label: asdict(arm) for label, arm in exhibit.arms.items()}
    return {"task": _task_options(exhibit), "trainer": asdict(exhibit.trainer), "arms": arms}


def _task_options(exhibit: Exhibit) -> dict[str, Any]:
    cls = registry.task(exhibit.task)
    task = cls(**exhibit.options)
    return {option.name: getattr(task, option.name) for option in fields(cls)}


def _cells(task: str, settings: Mapping[str, Any], arm: Arm, where: Mapping[str, Any]) -> list[Cell]:
    trainer = Trainer(**fitted(Trainer, settings["trainer"], "trainer"))
    common = {"task": task, "options": settings["task"], "arm": arm, "dtype": trainer.dtype, "steps": trainer.steps}
    return [Cell(**common, **where, seeds=block) for block in trainer.blocks]


def _deviations(exhibit: Exhibit, scale: Scale, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs from the paper, in words: settings that are not what they are in some panel and arm, and panels."""
    published = settings_of(exhibit)
    kept = [own for panel, own in exhibit.panels.items() if not scale.panels or panel in scale.panels]
    papers = [flat(changed(published, resolved(published, own))) for own in kept]
    final = resolved(published, asked)
    found = []
    for name, value in asked.items():
        paths = [".".join(path) for path in resolved(published, {name: value}) if final[path] == value]
        before = dict.fromkeys(paper.get(path, UNSET) for paper in papers for path in paths)
        others = [str(old) for old in before if old != value]
        if others and name not in INCIDENTAL:
            found.append(f"{name} {value} instead of {' or '.join(others)}")
    left_out = [panel for panel in exhibit.panels if scale.panels and panel not in scale.panels]
    if left_out:
        found.append(f"without {'; '.join(left_out)}")
    return tuple(found)
