"""Anchors under terminal reward: the setting of table 3, with short solutions of one length."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_arms import SOURCE, TARGET_METRICS, by_anchor, by_length, creator
from tpo.experiments.exhibits.sequences import SEQUENCE_ARMS, terminal_reward
from tpo.experiments.spec.exhibit import Scale, Trainer

EXHIBIT = terminal_reward(
    name="anchor-terminal",
    title="Terminal reward: exact-match error in percent, by anchor",
    source=SOURCE,
    # TPO and GRPO are the arms of table 3 themselves, so that they are trained once.
    arms=by_anchor(creator(), "sequence")
    | by_length(creator())
    | {name: SEQUENCE_ARMS[name] for name in ("TPO", "GRPO (no KL)")},
    panels={"H=7": {"task.length": 7}},
    trainer=Trainer(steps=2000, seeds=20),
    scales={
        "laptop": Scale(settings={"trainer.steps": 300, "trainer.seeds": 3}),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}),
    },
    curves=("error", *TARGET_METRICS),
    note="Settings are those of table 3. All completions have seven tokens: a mean is a seventh of the sum.",
)
