"""How what was measured is shown: its name, its unit, its axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Quantity(NamedTuple):
    """How something is shown: `offset + factor * x`, where `x` is what was measured.

    Attributes:
        label: Of its axis.
        factor: What its numbers are multiplied by.
        scale: Of its axis, as matplotlib calls it; `None` for one that follows from the numbers, errors in percent.
        floor: Where its axis ends, at the least: what is below is round-off.
        offset: What is added.
    """

    label: str
    factor: float = 1.0
    scale: str | None = "linear"
    floor: float | None = None
    offset: float = 0.0

    def shown(self, measured: float) -> float:
        """A measured number in the unit of the axis."""
        return self.offset + self.factor * measured


QUANTITIES: Mapping[str, Quantity] = {
    "error": Quantity("error (%)", 100.0, None),
    "test_error": Quantity("error on the test set (%)", 100.0, None),
    "success": Quantity("completions without a mistake (%)", -100.0, offset=100.0),
    "misalignment": Quantity("misalignment", scale="log", floor=1e-8),
    "gradient_norm": Quantity("gradient norm", scale="log"),
    "failed_groups": Quantity("groups without a success (%)", 100.0),
    "groups_with_success": Quantity("groups with a success (%)", -100.0, offset=100.0),
    "weight_on_success": Quantity("weight of a success"),
    "weight_on_failure": Quantity("weight of a failure"),
    "effective_sample_size": Quantity("effective sample size"),
}

MEASURED_AS: Mapping[str, str] = {"success": "error", "groups_with_success": "failed_groups"}
"""What is measured, of quantities that follow from it."""


def quantity(name: str) -> Quantity:
    """How `name` is shown; as it was measured where nothing is known of it."""
    return QUANTITIES.get(name, Quantity(name))
