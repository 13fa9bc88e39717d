"""Anchors on the cart and pole: K attempts from each start, of up to 200 steps."""

from __future__ import annotations

from tpo.experiments.exhibits.anchor_arms import of_completions
from tpo.experiments.exhibits.anchor_episodes import on_episodes
from tpo.experiments.spec.exhibit import Trainer

EXHIBIT = on_episodes(
    name="anchor-cart-pole",
    title="Cart and pole: share of 200 steps lost, in percent, by anchor",
    task="cart-pole",
    arms=of_completions(epochs=4, batch_size=4, group_size=16, learning_rate=3e-3, optimizer="adam"),
    panels={"200 steps": {"task.steps": 200}},
    trainer=Trainer(steps=100, seeds=20),
    note="The score is the share of the steps for which the pole stays up, so that good attempts are the long ones.",
)
