"""The update direction of each method in closed form, in the logits of a softmax over arms whose first is right.

In shapes: S seeds, N contexts, K arms. Directions are added to the logits: they ascend the reward.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tpo import target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo import Array

BASELINE = 0.5
"""Baseline for the rewards 0 and 1 of the sampled bandit."""

TINY = 1e-30
STD_FLOOR = 1e-8
"""Added to a variance before its square root."""


def against(xp: Any, policy: Array) -> Array:
    """Direction of supervised cross-entropy, `e - policy` with the right arm's unit vector `e`, `[..., K]`."""
    return _right(xp, policy) - policy


def _right(xp: Any, policy: Array) -> Array:
    """Unit vector of the first arm, `[..., K]`."""
    return xp.concat([xp.ones_like(policy[..., :1]), xp.zeros_like(policy[..., 1:])], axis=-1)


def normalized(xp: Any, g: Array, axes: tuple[int, ...]) -> Array:
    """Scale `g` to norm 1 over `axes`."""
    return g / xp.sqrt(xp.sum(g * g, axis=axes, keepdims=True) + TINY)


def cosine(xp: Any, a: Array, b: Array, axes: tuple[int, ...]) -> Array:
    """Cosine of the angle between two directions over `axes`."""
    return xp.sum(normalized(xp, a, axes) * normalized(xp, b, axes), axis=axes)


def _score_function(xp: Any, log_probs: Array, weights: Array) -> Array:
    """Weighted score function: the sum of `weights_a (e_a - policy)` over the arms."""
    return weights - xp.exp(log_probs) * xp.sum(weights, axis=-1, keepdims=True)


def _advantages(xp: Any, log_probs: Array) -> Array:
    return _right(xp, log_probs) - BASELINE


def _sampled_pg(xp: Any, log_probs: Array, pulled: Array) -> Array:
    return _score_function(xp, log_probs, pulled * _advantages(xp, log_probs))


def _sampled_grpo(xp: Any, log_probs: Array, pulled: Array) -> Array:
    mean = pulled[..., :1]
    deviation = xp.sqrt(mean * (1 - mean) + STD_FLOOR)
    return _score_function(xp, log_probs, pulled * (_right(xp, log_probs) - mean) / deviation)


def _sampled_dg(xp: Any, log_probs: Array, pulled: Array) -> Array:
    advantages = _advantages(xp, log_probs)
    gate = 1 / (1 + xp.exp(advantages * log_probs))
    return _score_function(xp, log_probs, pulled * gate * advantages)


def _sampled_tpo(xp: Any, log_probs: Array, pulled: Array) -> Array:
    scores = pulled * _advantages(xp, log_probs)
    return target(log_probs, scores, precision="fast") - xp.exp(log_probs)


SAMPLED: Mapping[str, Callable[[Any, Array, Array], Array]] = {
    "reinforce": _sampled_pg,
    "grpo": _sampled_grpo,
    "dg": _sampled_dg,
    "tpo": _sampled_tpo,
}
"""Directions from samples, by method: functions of log-probs and the share of pulls of each arm, `[S, K]` all
(section 3.1)."""


def _exact_ce(xp: Any, policy: Array) -> Array:
    return against(xp, policy)


def _exact_pg(xp: Any, policy: Array) -> Array:
    return policy[..., :1] * against(xp, policy)


def _exact_grpo(xp: Any, policy: Array) -> Array:
    """Direction of GRPO, scaled by the root of the right arm's odds; finite even if its probability rounds to 1."""
    right, others = policy[..., :1], policy[..., 1:]
    wrong = xp.where(right < 1, 1 - right, xp.sum(others, axis=-1, keepdims=True) + TINY)
    return xp.sqrt(right / wrong) * xp.concat([wrong, -others], axis=-1)


def _exact_dg(xp: Any, policy: Array) -> Array:
    right = policy[..., :1]
    # For an advantage of 1 the gate is the logistic function of the surprisal, 1 / (1 + right).
    return right / (1 + right) * against(xp, policy)


def tilt_of_one_success(count: int) -> float:
    """The factor by which TPO, at `eta` 1, raises the odds of a single success among `count` candidates."""
    return math.exp(math.sqrt(count - 1) + 1 / math.sqrt(count - 1))


def _exact_tpo(xp: Any, policy: Array) -> Array:
    """Direction of TPO, for standardized scores of one success among K: `sqrt(K - 1)` and `-1 / sqrt(K - 1)`."""
    tilt = tilt_of_one_success(policy.shape[-1])
    right = policy[..., :1]
    return right * (tilt - 1) / (1 + right * (tilt - 1)) * against(xp, policy)


EXACT: Mapping[str, Callable[[Any, Array], Array]] = {
    "ce": _exact_ce,
    "reinforce": _exact_pg,
    "grpo": _exact_grpo,
    "dg": _exact_dg,
    "tpo": _exact_tpo,
}
"""Expected directions, by method: functions of the policy, `[S, N, K]` both (section 3.2, appendix B)."""
