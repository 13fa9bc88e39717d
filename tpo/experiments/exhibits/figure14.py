"""Figure 14: the effect of leaving out tied groups."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import GRPO_OPTIONS, grouped, large, large_exhibit
from tpo.experiments.spec.chart import FinalValues, LearningCurves

GROUPED = grouped("sequence")
MASKED = replace(GROUPED["GRPO"], options={**GRPO_OPTIONS, "skip_tied": True})
ARMS = GROUPED | {"GRPO (masked)": MASKED}
PANEL = "H=8"

EXHIBIT = large_exhibit(
    name="figure14",
    title="Zero-variance groups left out: final error",
    source="Figure 14, section 4.2",
    arms=large(ARMS),
    panels={PANEL: {}},
    charts=(
        LearningCurves(title="learning curves", lines={label: (PANEL, label) for label in ARMS}),
        FinalValues(
            title="at the end",
            along="",
            mark="bars",
            points={label: {PANEL: (PANEL, label)} for label in ARMS},
        ),
    ),
)
