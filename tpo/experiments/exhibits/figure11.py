"""Figures 11 and 12: gradient norms, weights on successes and failures, and the share of groups without a signal."""

from __future__ import annotations

from tpo.experiments.exhibits.sequences import SEQUENCE_ARMS, large, large_exhibit
from tpo.experiments.spec.chart import LearningCurves
from tpo.experiments.spec.exhibit import Trainer

PANEL = "H=8"
ARMS = large({label: SEQUENCE_ARMS[label] for label in ("TPO", "GRPO", "GRPO (no KL)")})
SHOWN = {
    "error": ("error",),
    "Figure 11a": ("gradient_norm",),
    "Figure 11b: mass of TPO's target, advantages of GRPO": ("weight_on_success", "weight_on_failure"),
    "Figure 12a": ("failed_groups",),
    "Figure 12b": ("groups_with_success",),
}
"""Metrics to draw, by the title of the chart."""

EXHIBIT = large_exhibit(
    name="figure11",
    title="Gradient norms, weights of candidates, and groups without a success",
    source="Figures 11 and 12, sections 4.1 and 4.2",
    arms=ARMS,
    panels={PANEL: {}},
    trainer=Trainer(steps=2000, seeds=10),
    curves=("error", "gradient_norm", "weight_on_success", "weight_on_failure", "failed_groups"),
    charts=tuple(
        LearningCurves(title=title, quantities=names, lines={label: (PANEL, label) for label in ARMS})
        for title, names in SHOWN.items()
    ),
    note="The weight of a candidate is its target mass for TPO, and the magnitude of its advantage for GRPO.",
)
