"""TPO in plain `GRPOTrainer`: a reward function that returns targets.

At the old policy, the gradient of `TPO(anchor="ratio")` in the log-prob of a completion is `1 / K - q`. TRL subtracts
the group's mean from rewards, and the mean of the target q is `1 / K`. So with rewards `q`, the first update of GRPO is
that of TPO.
"""

from __future__ import annotations

import functools
import inspect
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import InvalidArgumentError, ZScore, target
from tpo_trl.scores import check_groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo import Standardizer

AS_REWARD = {"scale_rewards": "none", "loss_type": "dr_grpo", "beta": 0.0, "num_iterations": 1}
"""Options of `GRPOConfig` that `as_reward` needs."""


def as_reward(
    reward_func: Callable[..., Any],
    *,
    num_generations: int,
    max_completion_length: int,
    eta: float = 1.0,
    standardizer: Standardizer | None = None,
) -> Callable[..., list[float | None]]:
    """Wrap a reward function so that plain `GRPOTrainer` takes TPO's step, for one optimizer step per rollout.

    The configuration needs `GRPOConfig(**tpo_trl.AS_REWARD, ...)` and as many steps per generation as are accumulated,
    which is TRL's default. Later optimizer steps on the same rollout would be GRPO's on these rewards, not TPO's: use
    `TargetPOTrainer` for those. To log the reward itself, name it as a second function with weight 0:
    `reward_funcs=[as_reward(f, ...), f]`, `reward_weights=[1.0, 0.0]`.

    Args:
        reward_func: A function as TRL takes it, which returns one number per completion, or None.
        num_generations: K, as in the configuration. Each process must hold whole groups.
        max_completion_length: T, as in the configuration: GRPO's loss is divided by it.
        eta: Temperature of the target, above 0.
        standardizer: How rewards become `u`. Default: z-scores.

    Returns:
        A reward function that returns `K * T * q`, and None where the reward is None.

    Raises:
        InvalidArgumentError: The function is asynchronous. When called: completions are no whole groups, rewards do not
            match them, or one is infinite.

    Source:
        Kaddour 2026, equations 2 and 3, with the anchor of arXiv 2605.06139 at the old policy.

    Example:
        >>> def right(completions, **_):
        ...     return [float("42" in text) for text in completions]
        >>> wrapped = as_reward(right, num_generations=2, max_completion_length=10)
        >>> [round(q, 2) for q in wrapped(prompts=["6 * 7 =", "6 * 7 ="], completions=["42", "41"])]
        [17.62, 2.38]
    """
    if inspect.iscoroutinefunction(reward_func):
        message = f"`reward_func` must not be asynchronous; got {reward_func.__name__}."
        raise InvalidArgumentError(f"{message} Use TargetPOTrainer, or wrap a function that waits for it.")

    @functools.wraps(reward_func)
    def wrapped(prompts: Any, completions: Any, **more: Any) -> list[float | None]:
        rewards = reward_func(prompts=prompts, completions=completions, **more)
        if len(rewards) != len(prompts) or len(prompts) % num_generations:
            message = f"there must be one reward each, for whole groups of {num_generations} completions; got"
            message = f"{message} {len(rewards)} rewards for {len(prompts)} completions."
            raise InvalidArgumentError(f"{message} Let each process hold a multiple of num_generations.")
        check_groups(prompts, first_row=0, group_size=num_generations)
        scores = np.asarray([math.nan if reward is None else reward for reward in rewards], np.float64)
        if np.isinf(scores).any():
            message = f"every reward must be finite or None; got {np.isinf(scores).sum()} infinite ones."
            raise InvalidArgumentError(f"{message} Repair {getattr(reward_func, '__name__', 'the function')}.")
        scores = scores.reshape(-1, num_generations)
        known = np.isfinite(scores)
        old = np.zeros_like(scores)
        q = target(
            old, np.where(known, scores, 0.0), eta, mask=known, anchor="ratio", standardizer=standardizer or ZScore()
        )
        scaled = num_generations * max_completion_length * q
        return [float(one) if there else None for one, there in zip(scaled.flat, known.flat, strict=True)]

    wrapped.__name__ = f"tpo_{getattr(reward_func, '__name__', 'reward')}"
    return wrapped
