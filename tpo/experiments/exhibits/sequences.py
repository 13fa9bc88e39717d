"""Arms and scales shared by the token-reversal experiments of the paper."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tpo.experiments.spec.exhibit import FINAL_ERROR, Exhibit, Scale, Trainer
from tpo.training.arm import Arm

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP_SIZE = 8
BATCH_SIZE = 100

GRPO_OPTIONS: Mapping[str, Any] = {"kl": 0.04, "reduction": "group-mean-token-sum"}
"""Options of GRPO: a reverse-KL penalty to the rollout policy (appendix F)."""

SINGLE = {
    "PPO": Arm(algorithm="ppo", grouping="batch", epochs=4, options={"clip": 0.2}),
    "DG": Arm(algorithm="dg", grouping="batch", epochs=1, options={"eta": 1.0}),
}
"""Arms with one sample per prompt. DG has a single epoch, because it diverges with more (appendix E)."""


def grouped(grouping: str) -> dict[str, Arm]:
    """Create the arms of TPO and GRPO over groups of eight."""
    return {
        "TPO": Arm(algorithm="tpo", grouping=grouping, options={"eta": 1.0}),
        "GRPO": Arm(algorithm="grpo", grouping=grouping, options=GRPO_OPTIONS),
    }


TOKEN_ARMS = grouped("token") | SINGLE
SEQUENCE_ARMS = (
    grouped("sequence")
    | {"GRPO (no KL)": Arm(algorithm="grpo", grouping="sequence", options={**GRPO_OPTIONS, "kl": 0.0})}
    | SINGLE
)

INTERACTION_MATCHED: Mapping[str, Any] = {
    f"arms.{label}.{name}": value
    for label, arm in SINGLE.items()
    for name, value in (
        ("batch_size", BATCH_SIZE * GROUP_SIZE),
        ("learning_rate", arm.learning_rate * math.sqrt(GROUP_SIZE)),
    )
}
"""Settings for equal interactions: methods with one sample per prompt get as many rollouts as grouped ones."""

MATCHINGS: Mapping[str, Mapping[str, Any]] = {"equal prompts": {}, "equal interactions": INTERACTION_MATCHED}

SHORTEST: Mapping[str, Scale] = {
    "laptop": Scale(settings={"trainer.steps": 300, "trainer.seeds": 3, "trainer.seeds_per_cell": 3}, panels=("H=7",)),
    "smoke": Scale(settings={"trainer.steps": 2, "trainer.seeds": 1}, panels=("H=7",)),
}
"""Scales of exhibits with several lengths: the laptop runs only the shortest."""

token_reversal = partial(Exhibit, task="token-reversal")
"""Creates an exhibit on token reversal, from the other fields of `Exhibit`."""

TERMINAL: Mapping[str, Any] = {"vocab_size": 2, "target": "reverse-copy", "reward": "terminal"}
"""Task options of terminal reward."""

terminal_reward = partial(token_reversal, options=TERMINAL, scales=SHORTEST, statistic=FINAL_ERROR)
"""Creates an exhibit of final errors under terminal reward; its panels set the length."""

LARGE_BATCH_SIZE = 256
LARGE_GROUP_SIZE = 32


def large(arms: Mapping[str, Arm]) -> dict[str, Arm]:
    """Set the batch and group size of the regime of section 4 in all arms."""
    return {
        label: replace(arm, batch_size=LARGE_BATCH_SIZE, group_size=LARGE_GROUP_SIZE) for label, arm in arms.items()
    }


LARGE_SCALES: Mapping[str, Scale] = {
    "laptop": Scale(
        settings={
            "trainer.steps": 150,
            "trainer.seeds": 2,
            "trainer.seeds_per_cell": 2,
            "arm.batch_size": 64,
        }
    ),
    "smoke": Scale(settings={"trainer.steps": 1, "trainer.seeds": 1, "arm.batch_size": 8}),
}
"""Scales of the regime of section 4: on a laptop a quarter of the batch."""

large_exhibit = partial(
    terminal_reward,
    options={**TERMINAL, "length": 8},
    trainer=Trainer(steps=2000, seeds=30),
    scales=LARGE_SCALES,
)
"""Creates an exhibit of the regime of section 4: terminal reward, H=8."""
