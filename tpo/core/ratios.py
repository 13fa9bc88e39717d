"""Likelihood ratios of the current to the old policy, clipped, as PPO and its kin use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.ops import count, where_else

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace

LOG_RATIO_BOUND = 20.0
"""Log-ratios are clamped to this many nats on either side, so that no ratio overflows."""


def log_ratios(xp: Namespace, log_probs: Array, old_log_probs: Array, valid: Array) -> Array:
    """`log_probs - old_log_probs`, clamped to +-20 nats; 0 where not valid. Shaped as `log_probs`."""
    return _clamped(xp, _differences(xp, log_probs, old_log_probs, valid))


def sequence_log_ratios(xp: Namespace, log_probs: Array, old_log_probs: Array, valid: Array) -> Array:
    """The mean of `log_probs - old_log_probs` over the valid tokens of a candidate, clamped to +-20 nats.

    `[..., K, 1]` for log-probs `[..., K, T]`.
    """
    differences = _differences(xp, log_probs, old_log_probs, valid)
    counts = count(xp, valid, differences)
    means = xp.sum(differences, axis=-1, keepdims=True) / where_else(xp, counts > 0, counts, 1.0)
    return _clamped(xp, means)


def _differences(xp: Namespace, log_probs: Array, old_log_probs: Array, valid: Array) -> Array:
    return where_else(xp, valid, log_probs, 0.0) - where_else(xp, valid, old_log_probs, 0.0)


def _clamped(xp: Namespace, log_ratio: Array) -> Array:
    return xp.clip(log_ratio, -LOG_RATIO_BOUND, LOG_RATIO_BOUND)


def clipped_surrogate(
    xp: Namespace, log_ratio: Array, advantages: Array, below: float, above: float, dual_clip: float = 0.0
) -> Array:
    """`min(r * A, clip(r, 1 - below, 1 + above) * A)` with `r = exp(log_ratio)`. Shaped as `log_ratio`.

    With a `dual_clip` other than 0, it is no less than `dual_clip * A` where `A` is negative.
    """
    ratio = xp.exp(log_ratio)
    unclipped, clipped = ratio * advantages, xp.clip(ratio, 1 - below, 1 + above) * advantages
    surrogate = xp.where(unclipped <= clipped, unclipped, clipped)
    if not dual_clip:
        return surrogate
    lowest = dual_clip * advantages
    return xp.where((advantages < 0) & (surrogate < lowest), lowest, surrogate)


def reverse_kl(xp: Namespace, log_ratio: Array) -> Array:
    """Schulman's estimator of KL(policy || reference) per candidate or token: `exp(-d) + d - 1`, never negative."""
    return xp.exp(-log_ratio) + log_ratio - 1


def forward_kl(xp: Namespace, log_ratio: Array) -> Array:
    """The same for KL(old || policy) on samples of the old policy: `exp(d) - 1 - d`, never negative."""
    return reverse_kl(xp, -log_ratio)


def weighted_reverse_kl(xp: Namespace, log_ratio: Array) -> Array:
    """The same for KL(policy || old) on samples of the old policy: `r d - (r - 1)`, `r = exp(d)`, never negative."""
    ratio = xp.exp(log_ratio)
    return ratio * log_ratio - (ratio - 1)
