"""A selection of the panels and arms of an exhibit, for running a part of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tpo.errors import look_up

if TYPE_CHECKING:
    from tpo.experiments.spec.exhibit import Exhibit, Scale


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The panels and arms of an exhibit that are run.

    Attributes:
        panels: Labels of panels, also of those that the scale leaves out; the scale's if empty.
        arms: Labels of arms; all if empty.
    """

    panels: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is selected."""
        return bool(self.panels or self.arms)

    def panels_of(self, exhibit: Exhibit, scale: Scale) -> tuple[str, ...]:
        """The labels of the panels to run, in the exhibit's order.

        Raises:
            UnknownNameError: The exhibit has no such panel.
        """
        for label in self.panels:
            look_up(f"panel of {exhibit.name}", label, exhibit.panels)
        chosen = self.panels or scale.panels or exhibit.panels
        return tuple(label for label in exhibit.panels if label in chosen)

    def arms_of(self, exhibit: Exhibit) -> tuple[str, ...]:
        """The labels of the arms to run, in the exhibit's order.

        Raises:
            UnknownNameError: The exhibit has no such arm.
        """
        for label in self.arms:
            look_up(f"arm of {exhibit.name}", label, exhibit.arms)
        return tuple(label for label in exhibit.arms if label in (self.arms or exhibit.arms))

    def reduced(self, exhibit: Exhibit, scale: Scale) -> Selection:
        """The same selection, without the labels of a kind if they leave out nothing of what the scale runs.

        Raises:
            UnknownNameError: The exhibit has no such panel or arm.
        """
        panels, arms = self.panels_of(exhibit, scale), self.arms_of(exhibit)
        return Selection(
            panels=() if panels == EVERYTHING.panels_of(exhibit, scale) else panels,
            arms=() if arms == EVERYTHING.arms_of(exhibit) else arms,
        )

    def to_json(self) -> dict[str, list[str]]:
        """The labels of each kind, sorted: equal for selections of the same labels."""
        return {kind: sorted(set(labels)) for kind, labels in asdict(self).items()}


EVERYTHING = Selection()
"""All arms of the panels of the scale."""
