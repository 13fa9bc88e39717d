"""Figures 15 and 16: numbers of epochs per rollout compared."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import LARGE_BATCH_SIZE, LARGE_SCALES, SINGLE, grouped, large, large_exhibit
from tpo.experiments.spec.chart import FinalValues, LearningCurves

PANEL = "H=8"
EPOCHS = {1: "1 epoch", **{epochs: f"{epochs} epochs" for epochs in (2, 4, 8, 16)}}
"""Labels by number of epochs."""

GROUPED = large(grouped("sequence"))
DG = "DG (1 epoch)"
EXTRACTION = ("TPO (4 epochs)", "TPO (1 epoch)", DG)
"""Labels of the arms in Figure 15."""

LAPTOP = LARGE_SCALES["laptop"]
SCALES = {
    **LARGE_SCALES,
    "laptop": replace(LAPTOP, settings={**LAPTOP.settings, "arm.batch_size": 32, "trainer.steps": 120}),
}
"""Scales: on a laptop an eighth of the batch and fewer steps, for eleven arms of up to sixteen epochs."""

EXHIBIT = large_exhibit(
    name="figure16",
    title="Epochs per rollout: final error",
    source="Figures 15 and 16, section 4.3",
    arms={
        f"{label} ({words})": replace(arm, epochs=epochs)
        for label, arm in GROUPED.items()
        for epochs, words in EPOCHS.items()
    }
    | {DG: replace(SINGLE["DG"], batch_size=LARGE_BATCH_SIZE)},
    panels={PANEL: {}},
    scales=SCALES,
    curves=("error", "gradient_norm"),
    charts=(
        *(
            LearningCurves(
                title=f"Figure 16{letter}: {label}",
                lines={words: (PANEL, f"{label} ({words})") for words in EPOCHS.values()},
            )
            for letter, label in zip("ab", GROUPED, strict=True)
        ),
        FinalValues(
            title="Figure 16c: at the end",
            along="epochs per rollout",
            mark="points",
            points={
                **{label: {n: (PANEL, f"{label} ({words})") for n, words in EPOCHS.items()} for label in GROUPED},
                "DG": {1: (PANEL, DG)},
            },
        ),
        *(
            LearningCurves(title=title, quantities=(name,), lines={label: (PANEL, label) for label in EXTRACTION})
            for title, name in (("Figure 15a", "error"), ("Figure 15b", "gradient_norm"))
        ),
    ),
)
