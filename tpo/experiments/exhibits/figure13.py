"""Figure 13: group sizes compared."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import LARGE_SCALES, grouped, large, large_exhibit
from tpo.experiments.spec.chart import FinalValues, LearningCurves
from tpo.experiments.spec.exhibit import Scale

ARMS = large(grouped("sequence"))
SIZES = {f"K={size}": size for size in (4, 8, 16, 32, 64)}
"""Group sizes by panel."""

EXHIBIT = large_exhibit(
    name="figure13",
    title="Group size: final error",
    source="Figure 13, section 4.2",
    arms=ARMS,
    panels={panel: {"arm.group_size": size} for panel, size in SIZES.items()},
    scales={
        "laptop": Scale(
            settings={"task.length": 6, "arm.batch_size": 64, "trainer.steps": 200, "trainer.seeds": 3},
            panels=("K=4", "K=8", "K=16"),
        ),
        "smoke": replace(LARGE_SCALES["smoke"], panels=("K=4",)),
    },
    charts=(
        *(LearningCurves(title=label, lines={panel: (panel, label) for panel in SIZES}) for label in ARMS),
        FinalValues(
            title="at the end",
            along="candidates per group, K",
            mark="points",
            points={label: {size: (panel, label) for panel, size in SIZES.items()} for label in ARMS},
        ),
    ),
)
