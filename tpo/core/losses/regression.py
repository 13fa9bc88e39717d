"""Squared losses that fit differences of log-ratios to differences of scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arithmetic.fast import centre
from tpo.core.arithmetic.limits import ERROR_SHARE, bounded_errors, within_range
from tpo.core.arrays.elementwise import count, where_else
from tpo.core.loss import Loss, valid_candidates
from tpo.core.losses.current import current_candidates

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


class Regression(NamedTuple):
    """The signal of a regression of log-ratios on scores.

    Attributes:
        scores: `[..., K]`.
        from_log_probs: `[..., K]` in nats: the policy in the denominator of the ratios.
        valid: `[..., K]` boolean: unmasked candidates of nonzero probability.
    """

    scores: Array
    from_log_probs: Array
    valid: Array


def regression(group: Group, from_log_probs: Array) -> Regression:
    """Build the signal for fitting `log_probs - from_log_probs`, `[..., K]`, to the scores of `group`."""
    return Regression(group.relative_scores(), from_log_probs, valid_candidates(group) & (from_log_probs != -math.inf))


def fit_differences(log_probs: Array, signal: Regression, *, slope: float, factor: float) -> Loss:
    """`factor / (n - 1) * sum_i e_i^2`, with `e = slope * log_ratios - scores` minus its mean over the group.

    With `factor` 2 this equals the mean of `(e_i - e_j)^2` over all pairs of the group's n candidates, from n terms
    instead of n^2. The gradient in `log_probs` is `2 * factor * slope / (n - 1) * e_i` by construction: exactly 0 for
    a tied group whose policy has not moved. A candidate that became impossible is left out, since its log-ratio is
    infinite.

    Args:
        log_probs: `[..., K]` in nats.
        signal: The scores to fit, and the policy in the denominator of the ratios.
        slope: Factor of the log-ratios, in scores per nat.
        factor: Factor of the whole loss.

    Returns:
        `[...]` values, and weights: 1 for groups with at least two candidates to compare, else 0.
    """
    now, signal = current_candidates(log_probs, signal, Regression)
    xp, valid = now.xp, signal.valid & (now.ops.stop_gradient(now.log_probs) != -math.inf)
    slope = within_range(xp, now.log_probs, slope, ERROR_SHARE)
    number = count(xp, valid, now.log_probs)
    scale = factor / where_else(xp, number > 1, number - 1, 1.0)

    def value_and_gradient(log_probs: Array) -> tuple[Array, Array]:
        log_ratios = where_else(xp, valid, log_probs, 0.0) - where_else(xp, valid, signal.from_log_probs, 0.0)
        errors = bounded_errors(xp, slope * centre(xp, log_ratios, valid) - centre(xp, signal.scores, valid), valid)
        return xp.sum(scale * errors * errors, axis=-1), 2 * slope * scale * errors

    value = now.ops.with_own_gradient(value_and_gradient, now.log_probs)
    return Loss(value, xp.astype(number[..., 0] > 1, value.dtype))
