"""Arms of the MNIST bandit, under the names of the paper: one epoch of Adam on 100 guesses per step."""

from __future__ import annotations

from typing import Any

from tpo.training.arm import Arm

PANEL = "B=100"


def arm(algorithm: str, grouping: str, **options: Any) -> Arm:
    """Create an arm with the settings that all share."""
    return Arm(
        algorithm=algorithm,
        grouping=grouping,
        options=options,
        epochs=1,
        batch_size=100,
        learning_rate=1e-3,
        optimizer="adam",
    )


ARMS = {
    "TPO": arm("tpo", "actions", eta=1.0, precision="fast"),
    "DG": arm("dg", "batch", eta=1.0, advantages="given"),
    "PG": arm("reinforce", "batch", advantages="given"),
    "GRPO": arm("grpo", "batch", kl=0.0),
    "Group PG": arm("group-pg", "actions"),
    "CE": arm("tpo", "scored-actions", eta=0.01, anchor="none", precision="fast"),
}
"""Arms by label. PG and DG use the reward minus the probability that two independent guesses agree as advantage. GRPO
standardizes rewards over the batch. TPO and Group PG standardize over all actions, with that advantage for the action
taken and 0 for the others. CE sees every action's reward: at this temperature and without an anchor, the target is
exactly the label."""
