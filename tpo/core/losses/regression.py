"""Squared losses that fit differences of log-ratios to differences of scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arithmetic.fast import centre
from tpo.core.arithmetic.limits import ERROR_SHARE, bounded_errors, within_range
from tpo.core.arrays.elementwise import count, where_else
from tpo.core.loss import Loss
from tpo.core.losses.candidates import valid_candidates
from tpo.core.losses.current import current_candidates

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


class Regression(NamedTuple):
    """What the log-ratios are fitted to.

    Attributes:
        scores: `[..., K]`.
        from_log_probs: `[..., K]` in nats: the policy that log-ratios are taken to.
        valid: `[..., K]` boolean: in the mask and possible.
    """

    scores: Array
    from_log_probs: Array
    valid: Array


def regression(group: Group, from_log_probs: Array) -> Regression:
    """The signal of a fit of `log_probs - from_log_probs`, `[..., K]`, to the scores of `group`."""
    return Regression(group.relative_scores(), from_log_probs, valid_candidates(group) & (from_log_probs != -math.inf))


def fit_differences(log_probs: Array, signal: Regression, *, slope: float, factor: float) -> Loss:
    """`factor / (n - 1) * sum_i e_i^2`, with `e = slope * log_ratios - scores` minus its mean over the group.

    Over all pairs of a group's n candidates the mean of `(e_i - e_j)^2` is this with `factor` 2, so it takes n
    terms instead of n^2. The gradient in `log_probs` is `2 * factor * slope / (n - 1) * e_i` by construction:
    exactly 0 for a tied group that has not moved. A candidate that has become impossible is left out, since
    its log-ratio is infinite.

    Args:
        log_probs: `[..., K]` in nats.
        signal: What to fit to.
        slope: What log-ratios are multiplied by, in scores per nat.
        factor: Of the whole.

    Returns:
        `[...]` values, and weights of 1 where at least two candidates can be compared.
    """
    now, signal = current_candidates(log_probs, signal)
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
