"""Beyond the paper: TPO within each group combined with the gate of DG across groups."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import SEQUENCE_ARMS, terminal_reward
from tpo.experiments.spec.exhibit import Trainer

TPO = SEQUENCE_ARMS["TPO"]

EXHIBIT = terminal_reward(
    name="gated",
    title="TPO composed with DG: exact-match error under terminal reward",
    source="beyond the paper; section 5 says that the two can be composed",
    arms={
        "TPO": TPO,
        "TPO x DG": replace(TPO, gate=1.0),
        "TPO x DG (sharp)": replace(TPO, gate=0.25),
        "DG": SEQUENCE_ARMS["DG"],
    },
    panels={f"H={length}": {"task.length": length} for length in (7, 10)},
    trainer=Trainer(steps=2000, seeds=10),
    curves=("error", "gradient_norm"),
    note="The loss of a group is multiplied by the sigmoid of its delight over a temperature: 1, or 0.25 where sharp.",
)
