"""The methods of the tabular bandits, under the names of the paper."""

from __future__ import annotations

from tpo.training.arm import Arm

METHODS = {"CE": "ce", "PG": "reinforce", "GRPO": "grpo", "DG": "dg", "TPO": "tpo"}


def arms(*labels: str) -> dict[str, Arm]:
    """An arm per label; a tabular bandit's updates need nothing but the method's name."""
    return {
        label: Arm(algorithm=METHODS[label], grouping="actions", epochs=1, optimizer="sgd", learning_rate=0.1)
        for label in labels
    }
