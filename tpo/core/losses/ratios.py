"""Likelihood ratios of the current to the old policy, bounded and clipped, as PPO and its kin use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arithmetic.limits import LOG_RATIO_BOUND
from tpo.core.arrays.elementwise import count, where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.losses.current import Current


def log_ratios(now: Current, old_log_probs: Array, valid: Array) -> Array:
    """Current minus old log-probs, kept within the bound; 0 where not valid. Shaped as the log-probs.

    The bound is on the value alone. The gradient passes through it unchanged (straight-through), so that a penalty or a
    negative advantage still pulls back a policy that has gone beyond it, as hard as at the bound.
    """
    return _bounded(now, _differences(now.xp, now.log_probs, old_log_probs, valid))


def sequence_log_ratios(now: Current, old_log_probs: Array, valid: Array) -> Array:
    """Mean of current minus old log-probs over the valid tokens of a candidate, bounded as `log_ratios` are.

    `[..., K, 1]` for log-probs `[..., K, T]`.
    """
    xp = now.xp
    differences = _differences(xp, now.log_probs, old_log_probs, valid)
    counts = count(xp, valid, differences)
    return _bounded(now, xp.sum(differences, axis=-1, keepdims=True) / where_else(xp, counts > 0, counts, 1.0))


def constant_log_ratios(xp: Namespace, log_probs: Array, other: Array, valid: Array) -> Array:
    """`log_probs - other` of data, kept within 20 nats of 0; 0 where not valid. Shaped as `log_probs`."""
    return xp.clip(_differences(xp, log_probs, other, valid), -LOG_RATIO_BOUND, LOG_RATIO_BOUND)


def _differences(xp: Namespace, log_probs: Array, other: Array, valid: Array) -> Array:
    return where_else(xp, valid, log_probs, 0.0) - where_else(xp, valid, other, 0.0)


def _bounded(now: Current, log_ratio: Array) -> Array:
    xp, constant = now.xp, now.ops.stop_gradient(log_ratio)
    # A candidate that has become impossible has no gradient; its infinite log-ratio would make it NaN.
    passing = where_else(xp, xp.isfinite(constant), log_ratio, 0.0)
    return xp.clip(constant, -now.bound, now.bound) + (passing - now.ops.stop_gradient(passing))


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
    """Estimator of KL(old || policy) on samples of the old policy: `exp(d) - 1 - d`, never negative."""
    return reverse_kl(xp, -log_ratio)


def weighted_reverse_kl(xp: Namespace, log_ratio: Array) -> Array:
    """Estimator of KL(policy || old) on samples of the old policy: `r d - (r - 1)`, `r = exp(d)`, never negative."""
    ratio = xp.exp(log_ratio)
    return ratio * log_ratio - (ratio - 1)
