"""What is measured, as data: the work, and how many seconds a step of it may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Work:
    """Steps of one arm of token reversal, in float32 with Muon.

    Attributes:
        name: In the table.
        algorithm: A registered name.
        task: Options of the task.
        arm: What differs from the task's own arm.
        goal: Seconds per step.
        published: Wall seconds of the published implementation's step on a quiet machine with two cores, where known.
        seeds: How many run together.
        steps: How many are measured, after two that warm up.
    """

    name: str
    algorithm: str
    task: dict[str, Any]
    goal: float
    arm: dict[str, Any] = field(default_factory=dict)
    published: float | None = None
    seeds: int = 1
    steps: int = 30


TOKEN = {"vocab_size": 2, "length": 10}
TERMINAL = TOKEN | {"reward": "terminal"}
LARGE = {"vocab_size": 2, "length": 8, "reward": "terminal"}

WORKS = (
    Work(name="token TPO, V=2", algorithm="tpo", task=TOKEN, goal=0.06, published=0.91),
    Work(name="token TPO, V=16", algorithm="tpo", task=TOKEN | {"vocab_size": 16}, goal=0.06),
    Work(name="token GRPO, V=2", algorithm="grpo", task=TOKEN, goal=0.06),
    Work(name="PPO, V=2", algorithm="ppo", task=TOKEN, goal=0.05),
    Work(name="DG, V=2", algorithm="dg", task=TOKEN, goal=0.015),
    Work(name="terminal TPO, H=10, K=8", algorithm="tpo", task=TERMINAL, goal=0.30, steps=10),
    Work(name="terminal GRPO, H=10, K=8", algorithm="grpo", task=TERMINAL, goal=0.30, steps=10),
    Work(
        name="terminal TPO, H=8, K=32, B=256",
        algorithm="tpo",
        task=LARGE,
        arm={"group_size": 32, "batch_size": 256},
        goal=3.0,
        steps=3,
    ),
)
