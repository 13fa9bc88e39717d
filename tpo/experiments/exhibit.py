"""An exhibit: a table or a figure of the paper as data, and the cells that it is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tpo import plugins
from tpo.arms import Arm
from tpo.errors import InvalidArgumentError, unknown_name
from tpo.experiments.cell import Cell
from tpo.experiments.settings import changed, flat
from tpo.experiments.spec import first_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping

PAPER = "paper"
"""The scale as published: nothing is changed."""


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """How long and how often.

    Attributes:
        steps: Rollouts per seed.
        seeds: How many seeds, from 0 on.
        seeds_per_cell: How many of them run together, and are stored and resumed together.
        dtype: `float32` or `float64`.

    Raises:
        InvalidArgumentError: A block would be empty.
    """

    steps: int
    seeds: int
    seeds_per_cell: int = 5
    dtype: str = "float32"

    def __post_init__(self) -> None:
        """Check that a block holds a seed."""
        if self.seeds_per_cell < 1:
            message = f"`trainer.seeds_per_cell` must be at least 1; got {self.seeds_per_cell}."
            raise InvalidArgumentError(f"{message} It is how many seeds run together.")


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A smaller version of an exhibit.

    Attributes:
        settings: What is changed, by dotted name.
        panels: Which panels are kept; all if empty.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    panels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Exhibit:
    """A product of panels and arms, for some seeds.

    Attributes:
        name: As typed.
        title: What it shows.
        source: Where in the paper.
        task: A registered name.
        options: Fields of the task that differ from its defaults.
        arms: What is compared, by label.
        panels: Settings that differ from panel to panel, by dotted name, by label. `arm.` reaches all arms.
        trainer: How long and how often.
        scales: Smaller versions by name: `laptop`, `smoke`.
        curves: What is drawn: names of what the task measures.
        statistic: What the table shows: a name from `tpo.experiments.statistics.STATISTICS`.
        backend: The backend it is run on unless another is asked for.
        note: What a reader should know.
        whole: What the scale is called at which nothing is changed.
        as_is: What that scale is, in words that go on a "not".
    """

    name: str
    title: str
    source: str
    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    arms: Mapping[str, Arm]
    panels: Mapping[str, Mapping[str, Any]]
    trainer: Trainer
    scales: Mapping[str, Scale]
    statistic: str
    curves: tuple[str, ...] = ("error",)
    backend: str = "jax"
    note: str = ""
    whole: str = PAPER
    as_is: str = "as published"

    @property
    def all_scales(self) -> dict[str, Scale]:
        """Its own, and the one at which nothing is changed."""
        return {**self.scales, self.whole: Scale()}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An exhibit at one scale on one backend: its cells, and what differs from the paper.

    Attributes:
        exhibit: What it is a plan of.
        scale: As asked for.
        cells: By panel and arm, a cell per block of seeds.
        deviations: Settings that are not the published ones, in words.
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
            f"{panel}: {arm}, seeds {cell.seeds[0]} to {cell.seeds[-1]}": cell
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
        scale: One of the exhibit's.
        changes: Settings to change, by dotted name, over those of the scale: `trainer.steps`, `task.length`,
            `arm.batch_size` in all arms, `arms.TPO.epochs` in one.
        backend: A registered name; the exhibit's own if `None`.
        device: As the backend names it.

    Raises:
        UnknownNameError: There is no such scale or setting.
        InvalidTypeError: A value is of the wrong type.
        InvalidArgumentError: A number makes no sense.
    """
    chosen = _scale(exhibit, scale)
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


def _scale(exhibit: Exhibit, name: str) -> Scale:
    if name not in exhibit.all_scales:
        raise unknown_name("scale", name, exhibit.all_scales)
    return exhibit.all_scales[name]


def _settings(exhibit: Exhibit) -> dict[str, Any]:
    arms = {label: asdict(arm) for label, arm in exhibit.arms.items()}
    task = task_of(exhibit)
    options = {option.name: getattr(task, option.name) for option in fields(task)}
    return {"task": options, "trainer": asdict(exhibit.trainer), "arms": arms}


def task_of(exhibit: Exhibit) -> Any:
    """The task with the exhibit's options."""
    return plugins.task(exhibit.task)(**exhibit.options)


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
    other = {name: value for name, value in asked.items() if before.get(name) != value}
    found = [f"{name} {value} instead of {before.get(name, 'what each arm has')}" for name, value in other.items()]
    if scale.panels:
        left_out = [panel for panel in exhibit.panels if panel not in scale.panels]
        found.append(f"without {', '.join(left_out)}")
    return tuple(found)
