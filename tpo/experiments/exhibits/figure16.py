"""Figures 15 and 16: how many epochs a rollout is used for."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibit import Exhibit, Trainer
from tpo.experiments.exhibits.sequences import LARGE, LARGE_ARM, LARGE_SCALES, SINGLE, grouped

EPOCHS = (1, 2, 4, 8, 16)

EXHIBIT = Exhibit(
    name="figure16",
    title="Epochs per rollout: final error",
    source="Figures 15 and 16, section 4.3",
    task="token-reversal",
    options=LARGE,
    arms={
        f"{label} ({epochs} {'epoch' if epochs == 1 else 'epochs'})": replace(arm, **LARGE_ARM, epochs=epochs)
        for label, arm in grouped("sequence").items()
        for epochs in EPOCHS
    }
    | {"DG (1 epoch)": replace(SINGLE["DG"], batch_size=LARGE_ARM["batch_size"])},
    panels={"H=8": {}},
    trainer=Trainer(steps=2000, seeds=30),
    scales=LARGE_SCALES,
    statistic="final error, %",
)
