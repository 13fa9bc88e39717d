"""Table 5 and Figure 17: target temperatures compared."""

from __future__ import annotations

from dataclasses import replace

from tpo.experiments.exhibits.sequences import TOKEN_ARMS, token_reversal
from tpo.experiments.spec.exhibit import Scale, Trainer

EXHIBIT = token_reversal(
    name="table5",
    title="Temperature of the target: steps to 1 % error",
    source="Table 5, Figure 17, appendix D",
    options={"length": 10, "vocab_size": 2, "target": "reverse-copy", "reward": "bag-of-tokens"},
    arms={f"eta={eta}": replace(TOKEN_ARMS["TPO"], options={"eta": eta}) for eta in (0.25, 0.5, 1.0, 2.0, 4.0)},
    panels={"reverse copy": {}},
    trainer=Trainer(steps=500, seeds=10),
    scales={
        "laptop": Scale(settings={"trainer.steps": 150, "trainer.seeds": 3, "trainer.seeds_per_cell": 3}),
        "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}),
    },
    statistic="steps to 1 %",
    note="The number of steps is not published; 500 is ours.",
)
