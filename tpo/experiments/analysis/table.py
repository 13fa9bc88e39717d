"""The table of a record: our numbers, the published ones, and the differences between its arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.experiments.analysis.record import NEVER, NO_DATA, in_digits
from tpo.experiments.spec.quantities import STEPS_TO_ONE_PERCENT
from tpo.experiments.spec.schema import arms_of, names_panels, run_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tpo.experiments.spec.schema import Record

PANEL = "panel"
"""Head of the column of panels."""

TOLD_BY_LABELS = ("algorithm", "options")
"""Fields of an arm that its label implies."""


class TableCell(NamedTuple):
    """A text of a table with its sort key."""

    text: str
    key: str


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        head: Lines of its head.
        cells: One of each row.
        is_text: Whether they are words, not numbers.
    """

    head: str
    cells: Sequence[TableCell]
    is_text: bool = False


def columns(record: Record) -> list[Column]:
    """Build the columns, with a row per panel and arm; empty columns are left out, and so is the only panel.

    If nothing is published, the steps to 1 % are shown in addition to another statistic.
    """
    places = list(arms_of(record))
    arms = [arm for *_, arm in places]
    statistic = record["statistic"]
    spread = "\n(mean ± se)" if any(arm["ours"]["spread"] is not None for arm in arms) else ""
    found = [
        Column("arm", [TableCell(label, label) for _, label, _ in places], is_text=True),
        Column(f"{statistic}{spread}", [_mean(arm["ours"]) for arm in arms]),
        Column("median\nof seeds", [number(arm["ours"]["median"]) for arm in arms]),
        Column("paper", [_known(arm["published"]) for arm in arms]),
        Column("difference", [_known(arm["difference"]) for arm in arms]),
        Column("seeds", [_seeds(arm) for arm in arms]),
        Column("not finite\nfrom step", [_known(arm.get("not_finite_from")) for arm in arms]),
        Column("seconds\nper step", [_known(arm["seconds_per_step"]) for arm in arms]),
    ]
    if statistic != STEPS_TO_ONE_PERCENT and all(arm["published"] is None for arm in arms):
        steps = [number(arm["steps_to_1pct"]["median"]) for arm in arms]
        found.insert(-3, Column(f"{STEPS_TO_ONE_PERCENT}\n(median)", steps))
    if names_panels(record):
        order = list(record["panels"])
        panels = [TableCell(panel, str(order.index(panel))) for panel, _, _ in places]
        found.insert(0, Column(PANEL, panels, is_text=True))
    return [one for one in found if one.is_text or any(cell.text for cell in one.cells)]


def differences(record: Record) -> list[str]:
    """List the settings in which the arms of a panel differ, besides those that labels imply, one per line."""
    settings: dict[str, dict[str, list[str]]] = {}
    for label, arm in _settings_of_arms(record):
        for name, value in arm.items():
            labels = settings.setdefault(name, {}).setdefault(str(value), [])
            labels += [] if label in labels else [label]
    return [
        f"{name.replace('_', ' ')}: " + "; ".join(f"{value} in {', '.join(labels)}" for value, labels in values.items())
        for name, values in settings.items()
        if len(values) > 1 and name not in TOLD_BY_LABELS and _is_once(values.values())
    ]


def _settings_of_arms(record: Record) -> list[tuple[str, dict[str, Any]]]:
    made = [(label, record["settings"].get(run_label(panel, label), {})) for panel, label, _ in arms_of(record)]
    return [(label, settings.get("arm", {})) for label, settings in made]


def _is_once(labels: Iterable[list[str]]) -> bool:
    """Whether each label has a single value; differences between panels are in the panels' labels."""
    all_labels = [label for some in labels for label in some]
    return len(all_labels) == len(set(all_labels))


def _mean(ours: dict[str, Any]) -> TableCell:
    """Format a mean over seeds, with its standard error if there is one."""
    mean, se = number(ours["of_mean"]), ours["spread"]
    return mean if se is None else mean._replace(text=f"{mean.text} ± {se:.2g}")


def _seeds(arm: dict[str, Any]) -> TableCell:
    done, planned = arm["seeds"], arm["seeds_planned"]
    return TableCell(str(done) if done == planned else f"{done} of {planned}", str(done))


def _known(value: float | str | None) -> TableCell:
    """Format a number that may be missing."""
    return TableCell("", "Infinity") if value is None else number(value)


def number(value: float | str | None) -> TableCell:
    """Format a number with four digits; `NEVER` for `None`, and texts unchanged."""
    if isinstance(value, str):
        return TableCell(value, "Infinity" if value in {NEVER, NO_DATA} else value.lstrip("<>"))
    return TableCell(NEVER, "Infinity") if value is None else TableCell(in_digits(value), repr(float(value)))
