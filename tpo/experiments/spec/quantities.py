"""The display of metrics (label, unit and axis), and the errors to which statistics count steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Quantity(NamedTuple):
    """The display of a metric `x` as `offset + factor * x`.

    Attributes:
        label: The label of the axis.
        factor: The factor.
        scale: matplotlib's name of the axis scale; `None` to choose by the numbers, for errors in percent.
        floor: The lower end of the axis: numbers below it are round-off.
        offset: The offset.
    """

    label: str
    factor: float = 1.0
    scale: str | None = "linear"
    floor: float | None = None
    offset: float = 0.0

    def shown(self, measured: float) -> float:
        """Convert a measured number to the unit of the axis."""
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
    "excess_cross_entropy": Quantity("excess cross-entropy (nats)"),
    "completion_length": Quantity("tokens per completion"),
    "episode_length": Quantity("steps per episode"),
    "ended": Quantity("completions that end by themselves (%)", 100.0),
    "accuracy": Quantity("accuracy on the test set (%)", -100.0, offset=100.0),
}

SOLVED = 0.01
"""The error at which a task counts as solved."""

LEARNED = 0.05
"""The error to which the paper counts steps on MNIST."""

STEPS_TO_ONE_PERCENT = "steps to 1 %"

LEVELS: Mapping[str, float] = {STEPS_TO_ONE_PERCENT: SOLVED, "steps to 5 %": LEARNED}
"""Levels of the statistics that count steps, by name."""

MEASURED_AS: Mapping[str, str] = {
    "success": "error",
    "groups_with_success": "failed_groups",
    "accuracy": "test_error",
}
"""The metrics from which derived quantities are computed."""


def quantity(name: str) -> Quantity:
    """Look up the display of a quantity; unknown ones are shown as measured, under their name in words."""
    return QUANTITIES.get(name, Quantity(name.replace("_", " ")))
