"""Likelihood ratios of the current to the old policy, clipped, as PPO and its kin use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.ops import where_else

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace

LOG_RATIO_BOUND = 20.0
"""Log-ratios are clamped to this many nats on either side, so that no ratio overflows."""


def log_ratios(xp: Namespace, log_probs: Array, old_log_probs: Array, valid: Array) -> Array:
    """`log_probs - old_log_probs`, clamped to +-20 nats; 0 at candidates that are not valid. `[..., K]`."""
    difference = where_else(xp, valid, log_probs, 0.0) - where_else(xp, valid, old_log_probs, 0.0)
    return xp.clip(difference, -LOG_RATIO_BOUND, LOG_RATIO_BOUND)


def clipped_surrogate(xp: Namespace, log_ratio: Array, advantages: Array, clip: float) -> Array:
    """`min(r * A, clip(r, 1 - clip, 1 + clip) * A)` with `r = exp(log_ratio)`. `[..., K]`."""
    ratio = xp.exp(log_ratio)
    unclipped, clipped = ratio * advantages, xp.clip(ratio, 1 - clip, 1 + clip) * advantages
    return xp.where(unclipped <= clipped, unclipped, clipped)


def reverse_kl(xp: Namespace, log_ratio: Array) -> Array:
    """Schulman's estimator of KL(policy || reference) per candidate: `exp(-d) + d - 1`, never negative."""
    return xp.exp(-log_ratio) + log_ratio - 1
