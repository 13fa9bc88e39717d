"""Further published numbers, compared with those of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.experiments.analysis.paper import paper_file
from tpo.experiments.spec.chart import curve_of
from tpo.experiments.spec.quantities import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tpo.experiments.spec.schema import Record


class Beside(NamedTuple):
    """A published number of an arm next to ours.

    Attributes:
        what: The quantity, with its unit.
        source: The place in the paper.
        panel: A label.
        arm: A label.
        published: What the paper has; a text where that is no number.
        ours: The same of the record, a mean over seeds; `None` where it was not measured, or not so far.
    """

    what: str
    source: str
    panel: str
    arm: str
    published: float | str
    ours: float | None


def paper_values(record: Record) -> list[Beside]:
    """List the further published numbers for the arms of `record`."""
    return [one for said in paper_file("paper_values").get(record["exhibit"], ()) for one in _of_arms(record, said)]


def _of_arms(record: Record, said: Mapping[str, Any]) -> Iterator[Beside]:
    arms = record["panels"].get(said["panel"], {})
    for label, published in said["numbers"].items():
        if label in arms:
            yield Beside(said["what"], said["source"], said["panel"], label, published, _ours(record, said, label))


def _ours(record: Record, said: Mapping[str, Any], label: str) -> float | None:
    """Our number at the stored step nearest to the published one, if the record has come that far."""
    curve = curve_of(record, (said["panel"], label), said["quantity"]) if "quantity" in said else None
    if curve is None or curve["steps"][-1] < said.get("at", 0):
        return None
    steps, at = curve["steps"], said.get("at", curve["steps"][-1])
    measured = curve["mean"][min(range(len(steps)), key=lambda number: abs(steps[number] - at))]
    return None if measured is None else quantity(said["quantity"]).shown(measured)
