"""Figure 9: TPO without its anchor, without target matching, and GRPO without its penalty."""

from __future__ import annotations

from tpo.arms import Arm
from tpo.experiments.exhibit import Exhibit, Scale, Trainer
from tpo.experiments.exhibits.sequences import SEQUENCE_ARMS

ABLATED = {
    "TPO": SEQUENCE_ARMS["TPO"],
    "TPO (no anchor)": Arm(algorithm="tpo", grouping="sequence", options={"eta": 1.0, "anchor": "none"}),
    "GRPO (no KL)": SEQUENCE_ARMS["GRPO (no KL)"],
    "Group PG": Arm(algorithm="group-pg", grouping="sequence"),
}

EXHIBIT = Exhibit(
    name="figure9",
    title="Ablations under terminal reward: exact-match error",
    source="Figure 9, section 3.7",
    task="token-reversal",
    options={"vocab_size": 2, "target": "reverse-copy", "reward": "terminal"},
    arms=ABLATED,
    panels={f"H={length}": {"task.length": length} for length in (7, 8, 10)},
    trainer=Trainer(steps=2000, seeds=20),
    scales={
        "laptop": Scale(
            settings={"trainer.steps": 300, "trainer.seeds": 3, "trainer.seeds_per_cell": 3}, panels=("H=7",)
        ),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("H=7",)),
    },
    statistic="final error, %",
)
