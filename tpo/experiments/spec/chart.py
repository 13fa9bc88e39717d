"""What the figure of an exhibit is made of, as data: a chart is one pair of axes, filled from a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tpo.experiments.spec.quantities import MEASURED_AS, Quantity, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.schema import Record

Place = tuple[str, str]
"""The labels of a panel and of an arm: whose numbers."""

STROKES = ("solid", "dashed", "dotted")
"""Of the lines of the first quantity in a pair of axes, the second, the third."""


class Line(NamedTuple):
    """What is drawn of one arm.

    Attributes:
        label: In the legend.
        quantity: What is shown.
        at: Where along the horizontal axis: numbers, or texts for bars.
        mean: At each of them, as measured; `None` where that is no number.
        se: Its standard errors; `None` with a single seed.
    """

    label: str
    quantity: Quantity
    at: list[Any]
    mean: list[float | None]
    se: list[float | None] | None


class Frame(NamedTuple):
    """What is drawn in one pair of axes.

    Attributes:
        title: Above them.
        along: The label of the horizontal one.
        mark: How lines are drawn, a name from `tpo.experiments.figures.marks.MARKS`.
        lines: Of each arm and quantity.
    """

    title: str
    along: str
    mark: str
    lines: list[Line]

    @property
    def labels(self) -> list[str]:
        """Of the legend, each once."""
        return list(dict.fromkeys(line.label for line in self.lines))

    @property
    def quantities(self) -> list[Quantity]:
        """What is shown, each once."""
        return list(dict.fromkeys(line.quantity for line in self.lines))

    @property
    def label(self) -> str:
        """Of the vertical axis; it tells the strokes of several quantities."""
        first, *others = [found.label for found in self.quantities]
        told = [f"{label} ({stroke})" for label, stroke in zip((first, *others), STROKES, strict=False)]
        return ",\n".join(told) if others else first


class Chart(Protocol):
    """One pair of axes of a figure."""

    def drawn(self, record: Record) -> Frame:
        """What `record` has for it: no lines if nothing."""


@dataclass(frozen=True, kw_only=True)
class LearningCurves:
    """Something against steps.

    Attributes:
        title: Above the axes.
        lines: Whose curves, by label.
        quantities: What is drawn of each.
    """

    title: str
    lines: Mapping[str, Place]
    quantities: tuple[str, ...] = ("error",)

    def drawn(self, record: Record) -> Frame:
        """The curves that `record` has."""
        lines = [
            Line(label, quantity(name), curve["steps"], curve["mean"], curve["se"])
            for name in self.quantities
            for label, place in self.lines.items()
            if (curve := curve_of(record, place, name)) is not None
        ]
        return Frame(self.title, "steps", "curves", lines)


@dataclass(frozen=True, kw_only=True)
class FinalValues:
    """Where something was at the end of training, against a number or a text.

    Attributes:
        title: Above the axes.
        along: The label of the horizontal axis.
        points: Whose curves end there, by label, and by where on that axis.
        mark: `points` for positive numbers, `bars` for texts.
        quantity: What is drawn.
    """

    title: str
    along: str
    points: Mapping[str, Mapping[Any, Place]]
    mark: str
    quantity: str = "error"

    def drawn(self, record: Record) -> Frame:
        """The last points of the curves that `record` has."""
        lines = [self._line(record, label, places) for label, places in self.points.items()]
        return Frame(self.title, self.along, self.mark, [line for line in lines if line.at])

    def _line(self, record: Record, label: str, places: Mapping[Any, Place]) -> Line:
        found = {at: curve_of(record, place, self.quantity) for at, place in places.items()}
        ends = {at: curve for at, curve in found.items() if curve is not None}
        mean = [curve["mean"][-1] for curve in ends.values()]
        se = [None if curve["se"] is None else curve["se"][-1] for curve in ends.values()]
        return Line(label, quantity(self.quantity), list(ends), mean, se)


@dataclass(frozen=True, kw_only=True)
class Profiles:
    """The profiles of a panel's arms.

    Attributes:
        panel: Its label.
    """

    panel: str

    def drawn(self, record: Record) -> Frame:
        """Those that `record` has."""
        profile = record["profile"]
        lines = [
            Line(label, Quantity(profile["quantity"]), profile["positions"], **arm["profile"])
            for label, arm in record["panels"][self.panel].items()
        ]
        return Frame(self.panel, profile["label"], "curves", lines)


def curve_of(record: Record, place: Place, name: str) -> dict[str, Any] | None:
    """The curve that the quantity of this `name` is shown from; `None` where there is none."""
    panel, label = place
    curves: dict[str, Any] = record["panels"].get(panel, {}).get(label, {}).get("curves", {})
    return curves.get(MEASURED_AS.get(name, name))


def panel_by_panel(record: Record) -> list[Chart]:
    """A chart per panel of the record and quantity, and its profiles beside them."""
    found: list[Chart] = []
    for panel, arms in record["panels"].items():
        lines = {label: (panel, label) for label in arms}
        names = next(iter(arms.values()))["curves"] if arms else ()
        found += [LearningCurves(title=panel, lines=lines, quantities=(name,)) for name in names]
        found += [Profiles(panel=panel)] if arms and record.get("profile") is not None else []
    return found
