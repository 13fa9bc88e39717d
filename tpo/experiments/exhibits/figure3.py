"""Figure 3: a bandit with one context, learned from samples."""

from __future__ import annotations

from tpo.experiments.exhibits.bandits import arms, bandit
from tpo.experiments.spec.exhibit import Trainer

EXHIBIT = bandit(
    name="figure3",
    title="Single-context bandit: error",
    source="Figure 3, section 3.1",
    task="single-context-bandit",
    options={"arms_count": 100, "samples": 100},
    arms=arms("PG", "GRPO", "DG", "TPO"),
    panels={"K=100": {}},
    trainer=Trainer(steps=150, seeds=100, seeds_per_cell=100, dtype="float64"),
    note="The published numbers are those of the published implementation: the paper only draws them.",
)
