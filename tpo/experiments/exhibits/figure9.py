"""Figure 9: ablations of TPO (no anchor, no target matching) and of GRPO (no KL penalty)."""

from __future__ import annotations

from tpo.experiments.exhibits.sequences import SEQUENCE_ARMS, terminal_reward
from tpo.experiments.spec.exhibit import Trainer
from tpo.training.arm import Arm

ABLATED = {
    "TPO": SEQUENCE_ARMS["TPO"],
    "TPO (no anchor)": Arm(algorithm="tpo", grouping="sequence", options={"eta": 1.0, "anchor": "none"}),
    "GRPO (no KL)": SEQUENCE_ARMS["GRPO (no KL)"],
    "Group PG": Arm(algorithm="group-pg", grouping="sequence"),
}

EXHIBIT = terminal_reward(
    name="figure9",
    title="Ablations under terminal reward: exact-match error",
    source="Figure 9, section 3.7",
    arms=ABLATED,
    panels={f"H={length}": {"task.length": length} for length in (7, 8, 10)},
    trainer=Trainer(steps=2000, seeds=20),
)
