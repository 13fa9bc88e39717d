"""The methods of the tabular bandits, under the names of the paper."""

from __future__ import annotations

from functools import partial

from tpo.experiments.spec.exhibit import FINAL_ERROR, Exhibit, Scale
from tpo.training.arm import Arm

METHODS = {"CE": "ce", "PG": "reinforce", "GRPO": "grpo", "DG": "dg", "TPO": "tpo"}


def arms(*labels: str) -> dict[str, Arm]:
    """Create an arm per label; the updates of a tabular bandit depend only on the method's name."""
    return {
        label: Arm(algorithm=METHODS[label], grouping="actions", epochs=1, optimizer="sgd", learning_rate=0.1)
        for label in labels
    }


bandit = partial(
    Exhibit,
    scales={"laptop": Scale(), "smoke": Scale(settings={"trainer.steps": 5, "trainer.seeds": 2})},
    statistic=FINAL_ERROR,
    curves=("error", "misalignment"),
    backend="numpy",
)
"""Creates an exhibit of a tabular bandit, which is small enough for NumPy and for a laptop as it is."""
