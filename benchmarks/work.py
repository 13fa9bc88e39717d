"""The works that are benchmarked, as data, with the goals for the seconds of a step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo_tasks.sequences import TokenReversal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo import Arm, Randomness


@dataclass(frozen=True, kw_only=True)
class Work:
    """A benchmark: steps of one arm of token reversal, in float32 with Muon.

    Attributes:
        name: The name in the table.
        algorithm: The registered name of the algorithm.
        task: Options of the task.
        arm: Changes to the task's own arm.
        policy: A name from `POLICIES`.
        goal: The goal in seconds per step, all seeds together.
        published: Wall seconds of the published implementation's step on a quiet machine with two cores, if known.
        seeds: The number of seeds that run together.
        steps: The number of measured steps, after two for warming up.
    """

    name: str
    algorithm: str
    task: dict[str, Any]
    goal: float
    arm: dict[str, Any] = field(default_factory=dict)
    policy: str = "learning"
    published: float | None = None
    seeds: int = 1
    steps: int = 30


def learning(task: TokenReversal, arm: Arm) -> tuple[TokenReversal, Arm]:
    """Create a policy that trains from its initialization."""
    return task, arm


def untrained(task: TokenReversal, arm: Arm) -> tuple[TokenReversal, Arm]:
    """Create a policy that keeps its initialization: hardly any two completions of a prompt are equal."""
    return task, replace(arm, learning_rate=1e-12)


def converged(task: TokenReversal, arm: Arm) -> tuple[TokenReversal, Arm]:
    """Imitate a converged policy: all completions of a prompt are equal."""
    return Converged(**vars(task)), arm


class Converged(TokenReversal):
    """Token reversal whose completions of one prompt are sampled with the same noise."""

    def inputs(self, randomness: Randomness, arm: Arm) -> dict[str, np.ndarray[Any, Any]]:
        """Draw prompts, and noise that is equal for all completions."""
        drawn = super().inputs(randomness, arm)
        return drawn | {"noise": np.broadcast_to(drawn["noise"][:, :, :1, :], drawn["noise"].shape)}


POLICIES: dict[str, Callable[[TokenReversal, Arm], tuple[TokenReversal, Arm]]] = {
    "learning": learning,
    "untrained": untrained,
    "converged": converged,
}


def arm_of(work: Work) -> tuple[TokenReversal, Arm]:
    """Create the task and the arm."""
    task = TokenReversal(**work.task)
    return POLICIES[work.policy](task, replace(task.arms[work.algorithm], **work.arm))


TOKEN = {"vocab_size": 2, "length": 10}
V16 = {"vocab_size": 16, "length": 10}
TERMINAL = TOKEN | {"reward": "terminal"}
LARGE = {"vocab_size": 2, "length": 8, "reward": "terminal"}
LARGE_ARM = {"group_size": 32, "batch_size": 256}


def _terminal(algorithm: str, policy: str, goal: float) -> Work:
    name = f"terminal {algorithm.upper()}, H=10, K=8, {policy}"
    return Work(name=name, algorithm=algorithm, task=TERMINAL, policy=policy, goal=goal, steps=15)


def _large(policy: str, goal: float) -> Work:
    name = f"terminal TPO, H=8, K=32, B=256, {policy}"
    return Work(name=name, algorithm="tpo", task=LARGE, arm=LARGE_ARM, policy=policy, goal=goal, steps=3)


WORKS = (
    Work(name="token TPO, V=2", algorithm="tpo", task=TOKEN, goal=0.06, published=0.91),
    Work(name="token TPO, V=16", algorithm="tpo", task=V16, goal=0.06),
    Work(name="token GRPO, V=2", algorithm="grpo", task=TOKEN, goal=0.06),
    Work(name="token GRPO, V=16", algorithm="grpo", task=V16, goal=0.06),
    Work(name="PPO, V=2", algorithm="ppo", task=TOKEN, goal=0.05),
    Work(name="DG, V=2", algorithm="dg", task=TOKEN, goal=0.015),
    _terminal("tpo", "untrained", 0.3),
    _terminal("tpo", "converged", 0.1),
    _terminal("grpo", "untrained", 0.3),
    _terminal("grpo", "converged", 0.1),
    _large("untrained", 3.0),
    _large("converged", 0.3),
    Work(name="20 seeds of token TPO, V=2", algorithm="tpo", task=TOKEN, goal=1.2, seeds=20, steps=5),
)
