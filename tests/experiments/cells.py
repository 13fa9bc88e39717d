"""Small cells to run."""

from __future__ import annotations

from tpo.experiments.spec.cell import Cell
from tpo.training.arm import Arm

TOKEN_ARM = Arm(algorithm="tpo", grouping="token", epochs=2, batch_size=6, group_size=3)
SEQUENCE_ARM = Arm(algorithm="grpo", grouping="sequence", epochs=2, batch_size=6, group_size=3)


def make_cell(**changes):
    """Token TPO on token reversal of length 3, two seeds, twelve steps, on PyTorch."""
    usual = {
        "task": "token-reversal",
        "options": {"length": 3},
        "arm": TOKEN_ARM,
        "backend": "torch",
        "seeds": (0, 1),
        "steps": 12,
    }
    return Cell(**(usual | changes))


def bandit_cell(**changes):
    """TPO on the sampled bandit, in NumPy."""
    arm = Arm(algorithm="tpo", grouping="actions", epochs=1, optimizer="sgd", learning_rate=0.1)
    usual = {"task": "single-context-bandit", "options": {}, "arm": arm, "backend": "numpy", "dtype": "float64"}
    return make_cell(**(usual | {"seeds": (0, 1, 2), "steps": 120} | changes))
