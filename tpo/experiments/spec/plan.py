"""Planning: expanding an exhibit, a scale and changed settings to cells and deviations from the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.errors import InvalidArgumentError, look_up
from tpo.experiments.spec.arms import arm_of
from tpo.experiments.spec.cell import Cell
from tpo.experiments.spec.exhibit import Trainer
from tpo.experiments.spec.field_types import fitted
from tpo.experiments.spec.overrides import ARMS, UNSET, changed, flat, merged, parsed, resolved
from tpo.experiments.spec.planned import Plan, settings_of
from tpo.experiments.spec.selection import EVERYTHING
from tpo.plugins import registry

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping

    from tpo.experiments.spec.exhibit import Exhibit
    from tpo.experiments.spec.overrides import KeyPath
    from tpo.experiments.spec.selection import Selection
    from tpo.training.arm import Arm

INCIDENTAL = ("trainer.seeds_per_cell",)
"""Settings that do not affect results."""


def plan(
    exhibit: Exhibit,
    scale: str,
    changes: Mapping[str, Any],
    *,
    selection: Selection = EVERYTHING,
    backend: str | None = None,
    device: str | None = None,
) -> Plan:
    """Create the plan of `exhibit`.

    Args:
        exhibit: The exhibit.
        scale: The full scale, or a smaller one of the exhibit.
        changes: Settings to change, by dotted name, in addition to those of the scale: `trainer.steps`,
            `task.length`, `arm.batch_size` in all arms, `arms.TPO.epochs` in one.
        selection: The panels and arms to run.
        backend: The registered name of the backend; the exhibit's default if `None`.
        device: The backend's name of the device.

    Raises:
        UnknownNameError: There is no such scale, setting, panel or arm.
        InvalidTypeError: A value is of the wrong type.
        InvalidArgumentError: A number makes no sense, or a change is one of an arm that is not run.
    """
    chosen = look_up("scale", scale, exhibit.all_scales)
    published = settings_of(exhibit)
    asked = merged(chosen.settings, changes)
    _check_panels(exhibit, published, asked)
    selection = selection.reduced(exhibit, chosen)
    panels, arms = selection.panels_of(exhibit, chosen), selection.arms_of(exhibit)
    _check_arms(published, changes, arms)
    where = {"backend": backend or exhibit.backend, "device": device}
    cells: dict[tuple[str, str], tuple[Cell, ...]] = {}
    for panel in panels:
        settings = changed(published, resolved(published, {**exhibit.panels[panel], **asked}))
        settings["task"] = fitted(registry.task(exhibit.task), settings["task"], "task")
        for label in arms:
            arm = arm_of(settings["arms"][label], f"arms.{label}")
            cells[panel, label] = tuple(_cells(exhibit.task, settings, arm, where))
    deviations = (*_changed_settings(exhibit, panels, arms, asked), *_left_out(exhibit, panels, arms))
    return Plan(exhibit=exhibit, scale=scale, cells=cells, deviations=deviations, changes=changes, selection=selection)


def asked_for(exhibit: Exhibit, assignments: Iterable[str]) -> dict[str, Any]:
    """Parse assignments on the command line, such as `arm.batch_size=50`, to changes of `exhibit`.

    Raises:
        InvalidArgumentError: One has no `=`.
    """
    return parsed(settings_of(exhibit), assignments)


def _check_panels(exhibit: Exhibit, settings: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Raise an error for changes of settings that distinguish panels; settings of the trainer may be changed."""

    def paths(named: Mapping[str, Any]) -> set[KeyPath]:
        return {path for path in resolved(settings, named) if path[0] != "trainer"}

    own = {path for panel in exhibit.panels.values() for path in paths(panel)}
    for name in changes:
        if own & paths({name: None}):
            message = f"a setting must not change what the panels of {exhibit.name} differ in; got {name!r}."
            raise InvalidArgumentError(f"{message} Change a run of the task instead: tpo run {exhibit.task}.")


def _check_arms(settings: Mapping[str, Any], changes: Mapping[str, Any], arms: Collection[str]) -> None:
    """Raise an error for changes that reach none of the `arms` that are run."""
    for name in changes:
        reached = {path[:2] for path in resolved(settings, {name: None})}
        labels = [label for label in settings[ARMS] if (ARMS, label) in reached]
        if labels and not set(labels) & set(arms):
            message = f"the arm of a setting must be run; got {name!r}, where only {'; '.join(arms)} is."
            raise InvalidArgumentError(f"{message} Run {labels[0]} too, or leave the setting out.")


def _cells(task: str, settings: Mapping[str, Any], arm: Arm, where: Mapping[str, Any]) -> list[Cell]:
    trainer = Trainer(**fitted(Trainer, settings["trainer"], "trainer"))
    common = {"task": task, "options": settings["task"], "arm": arm, "dtype": trainer.dtype, "steps": trainer.steps}
    return [Cell(**common, **where, seeds=block) for block in trainer.blocks]


def _changed_settings(
    exhibit: Exhibit, panels: Iterable[str], arms: Container[str], asked: Mapping[str, Any]
) -> Iterator[str]:
    """Describe the settings that differ from the full scale in any of the `panels` and `arms`."""
    published = settings_of(exhibit)
    papers = [flat(changed(published, resolved(published, exhibit.panels[panel]))) for panel in panels]
    final = resolved(published, asked)
    for name, value in asked.items():
        every = resolved(published, {name: value})
        paths = [".".join(path) for path in every if final[path] == value and (path[0] != ARMS or path[1] in arms)]
        before = dict.fromkeys(paper.get(path, UNSET) for paper in papers for path in paths)
        others = [str(old) for old in before if old != value]
        if others and name not in INCIDENTAL:
            yield f"{name} {value} instead of {' or '.join(others)}"


def _left_out(exhibit: Exhibit, panels: Container[str], arms: Container[str]) -> Iterator[str]:
    """Describe which panels and arms of an exhibit are not run."""
    yield from _in_words(exhibit.panels, panels)
    yield from _in_words(exhibit.arms, arms, one="the arm ", several="the arms ")


def _in_words(labels: Collection[str], kept: Container[str], one: str = "", several: str = "") -> Iterator[str]:
    """Describe which of the `labels` are kept, or which are not if those are fewer; nothing if all are kept."""
    run = [label for label in labels if label in kept]
    missing = [label for label in labels if label not in kept]
    if missing:
        word, said = ("only", run) if len(run) < len(missing) else ("without", missing)
        yield f"{word} {one if len(said) == 1 else several}{'; '.join(said)}"
