"""Figures 15 and 16: how many epochs a rollout is used for."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibit import Exhibit, Trainer
from tpo.experiments.exhibits.sequences import LARGE, LARGE_BATCH_SIZE, LARGE_SCALES, SINGLE, grouped, large

EPOCHS = (1, 2, 4, 8, 16)

EXHIBIT = Exhibit(
    name="figure16",
    title="Epochs per rollout: final error",
    source="Figures 15 and 16, section 4.3",
    task="token-reversal",
    options=LARGE,
    arms={
        f"{label} ({epochs} {'epoch' if epochs == 1 else 'epochs'})": replace(arm, epochs=epochs)
        for label, arm in large(grouped("sequence")).items()
        for epochs in EPOCHS
    }
    | {"DG (1 epoch)": replace(SINGLE["DG"], batch_size=LARGE_BATCH_SIZE)},
    panels={"H=8": {}},
    trainer=Trainer(steps=2000, seeds=30),
    scales=LARGE_SCALES,
    statistic="final error, %",
)
