"""Charts as data: each describes one pair of axes of a figure, to be filled from a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tpo.experiments.spec.quantities import MEASURED_AS, Quantity, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.experiments.spec.schema import Record

Place = tuple[str, str]
"""A run, by the labels of its panel and its arm."""

STROKES = ("solid", "dashed", "dotted")
"""Line styles of the first, second and third quantity in a pair of axes."""


class Line(NamedTuple):
    """The data of one line in a chart.

    Attributes:
        label: The label in the legend.
        quantity: The name of the quantity.
        at: Positions along the horizontal axis: numbers, or texts for bars.
        mean: Means at the positions, as measured; `None` for missing numbers.
        se: Standard errors of the means; `None` with a single seed.
    """

    label: str
    quantity: Quantity
    at: list[Any]
    mean: list[float | None]
    se: list[float | None] | None


class Frame(NamedTuple):
    """The data of one pair of axes.

    Attributes:
        title: The title above the axes.
        along: The label of the horizontal axis.
        mark: The style of drawing, a name from `tpo.experiments.figures.marks.MARKS`.
        lines: The lines of each arm and quantity.
    """

    title: str
    along: str
    mark: str
    lines: list[Line]

    @property
    def labels(self) -> list[str]:
        """The labels of the legend, each once."""
        return list(dict.fromkeys(line.label for line in self.lines))

    @property
    def quantities(self) -> list[Quantity]:
        """The quantities that are shown, each once."""
        return list(dict.fromkeys(line.quantity for line in self.lines))

    @property
    def label(self) -> str:
        """The label of the vertical axis, which explains the line styles of several quantities."""
        first, *others = [found.label for found in self.quantities]
        told = [f"{label} ({stroke})" for label, stroke in zip((first, *others), STROKES, strict=False)]
        return ",\n".join(told) if others else first


class Chart(Protocol):
    """A description of one pair of axes of a figure."""

    def drawn(self, record: Record) -> Frame:
        """Fill the chart from `record`; without lines if the record has no data for it."""


@dataclass(frozen=True, kw_only=True)
class LearningCurves:
    """A chart of quantities against steps.

    Attributes:
        title: The title above the axes.
        lines: The runs whose curves are drawn, by label.
        quantities: The quantities drawn of each run.
    """

    title: str
    lines: Mapping[str, Place]
    quantities: tuple[str, ...] = ("error",)

    def drawn(self, record: Record) -> Frame:
        """Fill the chart with the curves in `record`."""
        lines = [
            Line(label, quantity(name), curve["steps"], curve["mean"], curve["se"])
            for name in self.quantities
            for label, place in self.lines.items()
            if (curve := curve_of(record, place, name)) is not None
        ]
        return Frame(self.title, "steps", "curves", lines)


@dataclass(frozen=True, kw_only=True)
class FinalValues:
    """A chart of final values of a quantity against a number or a text.

    Attributes:
        title: The title above the axes.
        along: The label of the horizontal axis.
        points: The runs, by label and by position on that axis.
        mark: `points` for positive numbers, `bars` for texts.
        quantity: The quantity that is drawn.
    """

    title: str
    along: str
    points: Mapping[str, Mapping[Any, Place]]
    mark: str
    quantity: str = "error"

    def drawn(self, record: Record) -> Frame:
        """Fill the chart with the last points of the curves in `record`."""
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
    """A chart of the profiles of a panel's arms.

    Attributes:
        panel: The label of the panel.
    """

    panel: str

    def drawn(self, record: Record) -> Frame:
        """Fill the chart with the profiles in `record`."""
        profile = record["profile"]
        lines = [
            Line(label, Quantity(profile["quantity"]), profile["positions"], **arm["profile"])
            for label, arm in record["panels"][self.panel].items()
        ]
        return Frame(self.panel, profile["label"], "curves", lines)


def curve_of(record: Record, place: Place, name: str) -> dict[str, Any] | None:
    """Find the stored curve of a quantity, which may be derived from another; `None` if there is none."""
    panel, label = place
    curves: dict[str, Any] = record["panels"].get(panel, {}).get(label, {}).get("curves", {})
    return curves.get(MEASURED_AS.get(name, name))
