"""Table 2 and Figure 7: eight variants of token reversal, at equal prompts and at equal interactions."""

from __future__ import annotations

from tpo.experiments.exhibits.sequences import MATCHINGS, TOKEN_ARMS, token_reversal
from tpo.experiments.spec.exhibit import Scale, Trainer

REWARDS = ("bag-of-tokens", "sequential")
TARGETS = ("copy", "flip", "reverse-copy", "reverse-flip")

EXHIBIT = token_reversal(
    name="table2",
    title="Targets and rewards: steps to 1 % error",
    source="Table 2, Figure 7",
    options={"length": 10, "vocab_size": 2},
    arms=TOKEN_ARMS,
    panels={
        f"{reward}, {target}, {matching}": {"task.reward": reward, "task.target": target, **changes}
        for matching, changes in MATCHINGS.items()
        for reward in REWARDS
        for target in TARGETS
    },
    trainer=Trainer(steps=1000, seeds=10),
    scales={
        "laptop": Scale(
            settings={"trainer.steps": 150, "trainer.seeds": 2, "trainer.seeds_per_cell": 2},
            panels=tuple(f"{reward}, {target}, equal prompts" for reward in REWARDS for target in ("flip", TARGETS[2])),
        ),
        "smoke": Scale(
            settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("bag-of-tokens, copy, equal prompts",)
        ),
    },
    statistic="steps to 1 %",
    note="Methods that sample groups are the same runs under both matchings; the paper has different numbers for them.",
)
