"""What running an exhibit comes to: its cells at one scale, on one backend."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tpo import plugins
from tpo.arms import Arm
from tpo.errors import InvalidArgumentError, look_up
from tpo.experiments.cell import Cell
from tpo.experiments.exhibit import Trainer
from tpo.experiments.settings import changed, flat
from tpo.experiments.spec import first_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.exhibit import Exhibit, Scale

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
            changed = json.dumps([sorted(self.changes.items()), cell.device])
            parts.append(hashlib.sha256(changed.encode()).hexdigest()[:8])
        return "-".join(parts)

    def runs(self) -> dict[str, Cell]:
        """The cells by what they are in words."""
        return {
            f"{panel}: {arm}, {cell.seeds_in_words}": cell
            for (panel, arm), cells in self.cells.items()
            for cell in cells
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
    _check_panels(exhibit, changes)
    published = _settings(exhibit)
    asked = {**chosen.settings, **changes}
    cells: dict[tuple[str, str], tuple[Cell, ...]] = {}
    for panel, own in exhibit.panels.items():
        if chosen.panels and panel not in chosen.panels:
            continue
        settings = changed(published, _spread(exhibit, {**own, **asked}))
        for label, arm in settings["arms"].items():
            where = {"backend": backend or exhibit.backend, "device": device}
            cells[panel, label] = tuple(_cells(exhibit.task, settings, Arm(**arm), where))
    deviations = _deviations(exhibit, chosen, published, asked)
    return Plan(exhibit=exhibit, scale=scale, cells=cells, deviations=deviations, changes=changes)


def _check_panels(exhibit: Exhibit, changes: Mapping[str, Any]) -> None:
    """Refuse to change what tells the panels apart; how long they run may be changed."""
    own = {
        name for panel in exhibit.panels.values() for name in _spread(exhibit, panel) if not name.startswith("trainer.")
    }
    for name in changes:
        if own & set(_spread(exhibit, {name: None})):
            message = f"`--set` must not change what the panels of {exhibit.name} differ in; got {name!r}."
            raise InvalidArgumentError(f"{message} Change a run of the task instead: tpo run {exhibit.task}.")


def _settings(exhibit: Exhibit) -> dict[str, Any]:
    arms = {label: asdict(arm) for label, arm in exhibit.arms.items()}
    return {"task": _task_options(exhibit), "trainer": asdict(exhibit.trainer), "arms": arms}


def _task_options(exhibit: Exhibit) -> dict[str, Any]:
    cls = plugins.task(exhibit.task)
    task = cls(**exhibit.options)
    return {option.name: getattr(task, option.name) for option in fields(cls)}


def _spread(exhibit: Exhibit, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of `arm.x` as changes of that setting in every arm."""
    spread: dict[str, Any] = {}
    for name, value in changes.items():
        first, _, rest = name.partition(".")
        spread |= {f"arms.{label}.{rest}": value for label in exhibit.arms} if first == "arm" else {name: value}
    return spread


def _cells(task: str, settings: Mapping[str, Any], arm: Arm, where: Mapping[str, Any]) -> list[Cell]:
    trainer = Trainer(**settings["trainer"])
    seeds = first_seeds(trainer.seeds)
    blocks = [seeds[i : i + trainer.seeds_per_cell] for i in range(0, len(seeds), trainer.seeds_per_cell)]
    common = {"task": task, "options": settings["task"], "arm": arm, "dtype": trainer.dtype, "steps": trainer.steps}
    return [Cell(**common, **where, seeds=block) for block in blocks]


def _deviations(
    exhibit: Exhibit, scale: Scale, published: Mapping[str, Any], asked: Mapping[str, Any]
) -> tuple[str, ...]:
    before = flat(published)
    other = {name: value for name, value in asked.items() if name not in INCIDENTAL and before.get(name) != value}
    found = [f"{name} {value} instead of {before.get(name, 'what each arm has')}" for name, value in other.items()]
    if scale.panels:
        left_out = [panel for panel in exhibit.panels if panel not in scale.panels]
        found.append(f"without {', '.join(left_out)}")
    return tuple(found)
