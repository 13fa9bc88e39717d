"""Table 3 and Figure 8: terminal reward, by length, at equal prompts and at equal interactions."""

from __future__ import annotations

from tpo.experiments.exhibits.sequences import MATCHINGS, SEQUENCE_ARMS, terminal_reward
from tpo.experiments.spec.exhibit import Scale, Trainer

EXHIBIT = terminal_reward(
    name="table3",
    title="Terminal reward: exact-match error in percent, by length",
    source="Table 3, Figure 8",
    arms=SEQUENCE_ARMS,
    panels={
        f"H={length}, {matching}": {"task.length": length, **changes}
        for matching, changes in MATCHINGS.items()
        for length in (7, 8, 9, 10)
    },
    trainer=Trainer(steps=2000, seeds=20),
    scales={
        "laptop": Scale(
            settings={"trainer.steps": 300, "trainer.seeds": 3, "trainer.seeds_per_cell": 3},
            panels=("H=7, equal prompts",),
        ),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("H=7, equal prompts",)),
    },
    note="Methods that sample groups are the same runs under both matchings; the paper has different numbers for them.",
)
