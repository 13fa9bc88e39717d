"""Figure 14: the effect of leaving out tied groups."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import GRPO_OPTIONS, LARGE, LARGE_SCALES, grouped, large
from tpo.experiments.spec.chart import FinalValues, LearningCurves
from tpo.experiments.spec.exhibit import Exhibit, Trainer

GROUPED = grouped("sequence")
MASKED = replace(GROUPED["GRPO"], options={**GRPO_OPTIONS, "skip_tied": True})
ARMS = GROUPED | {"GRPO (masked)": MASKED}
PANEL = "H=8"

EXHIBIT = Exhibit(
    name="figure14",
    title="Zero-variance groups left out: final error",
    source="Figure 14, section 4.2",
    task="token-reversal",
    options=LARGE,
    arms=large(ARMS),
    panels={PANEL: {}},
    trainer=Trainer(steps=2000, seeds=30),
    scales=LARGE_SCALES,
    statistic="final error, %",
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
