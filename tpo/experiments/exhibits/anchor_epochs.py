"""The anchor study, second part: anchors at one, four and sixteen epochs per rollout."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_words import SMOKE, arms, charts, on_words, options
from tpo.experiments.spec.exhibit import Scale, Trainer

LENGTH = 80

EPOCHS = {1: "1 epoch", 4: "4 epochs", 16: "16 epochs"}
"""Labels of panels, by epochs per rollout."""

COMPARED = ("TPO", "TPO (mean log-probs)", "TPO (ratio)", "GRPO")

EXHIBIT = on_words(
    name="anchor-epochs",
    title="Word problems: error on held-out problems, by anchor and epochs per rollout",
    options=options(LENGTH),
    arms={label: arms(LENGTH)[label] for label in COMPARED},
    panels={label: {"arm.epochs": epochs} for epochs, label in EPOCHS.items()},
    trainer=Trainer(steps=60, seeds=5),
    scales={
        "laptop": Scale(settings={"trainer.steps": 40, "trainer.seeds": 3}),
        "smoke": Scale(settings=SMOKE, panels=("1 epoch",)),
    },
    charts=charts(EPOCHS, COMPARED, "epochs per rollout"),
    note="Solutions have 80 characters; settings are those of anchor-lengths otherwise.",
)
