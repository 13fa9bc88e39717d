"""Figure 4: a bandit with many contexts, learned by exact gradients."""

from __future__ import annotations

from tpo.experiments.exhibits.bandits import arms, bandit
from tpo.experiments.spec.exhibit import Trainer

EXHIBIT = bandit(
    name="figure4",
    title="Multi-context bandit: mean error",
    source="Figure 4, section 3.2",
    task="multi-context-bandit",
    options={"contexts": 100, "arms_count": 10},
    arms=arms("CE", "PG", "GRPO", "DG", "TPO"),
    panels={"N=100, K=10": {}},
    trainer=Trainer(steps=1000, seeds=100, seeds_per_cell=100, dtype="float64"),
    note="The published numbers are those of the published implementation: the paper only draws them. "
    "As there, the error of a step is that after its update.",
)
