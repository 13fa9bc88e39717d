"""Table 1 and Figure 6: steps to learn token reversal, by vocabulary size."""

from __future__ import annotations

from tpo.experiments.exhibits.sequences import TOKEN_ARMS, token_reversal
from tpo.experiments.spec.exhibit import Scale, Trainer

EXHIBIT = token_reversal(
    name="table1",
    title="Token reversal: steps to 1 % error, by vocabulary",
    source="Table 1, Figure 6",
    options={"length": 10, "target": "reverse-copy", "reward": "bag-of-tokens"},
    arms=TOKEN_ARMS,
    panels={f"V={size}": {"task.vocab_size": size} for size in (2, 4, 8, 16)},
    trainer=Trainer(steps=1000, seeds=20),
    scales={
        "laptop": Scale(settings={"trainer.steps": 150, "trainer.seeds": 5}, panels=("V=2", "V=4")),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("V=2",)),
    },
    statistic="steps to 1 %",
)
