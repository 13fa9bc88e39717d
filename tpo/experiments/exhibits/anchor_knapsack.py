"""Anchors on knapsacks: K whole packings of each."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_arms import of_completions
from tpo.experiments.exhibits.anchor_episodes import on_episodes
from tpo.experiments.spec.exhibit import Trainer

EXHIBIT = on_episodes(
    name="anchor-knapsack",
    title="Knapsack: value lost to the best packing, in percent, by anchor",
    task="knapsack",
    arms=of_completions(epochs=4, batch_size=16, group_size=16, learning_rate=3e-3, optimizer="adam"),
    panels={f"{items} items": {"task.items": items} for items in (8, 16)},
    trainer=Trainer(steps=300, seeds=20),
    note="An overfull knapsack is worth nothing. All packings have as many decisions, or fewer if one overfills.",
)
