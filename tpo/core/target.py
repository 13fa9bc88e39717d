"""The target of TPO: the old policy over the group, tilted towards higher scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.core.ops import (
    check_floating,
    check_mask,
    check_same_shape,
    unify,
    working_dtype,
)
from tpo.core.precision import tier
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.ops import Array
    from tpo.core.precision import Precision

SUM_TOKENS_FIRST = "Sum token log-probs first: tpo.sequence_log_probs()."


def target(
    old_log_probs: Array,
    scores: Array,
    eta: float = 1.0,
    *,
    mask: Array | None = None,
    precision: Precision = "fast",
) -> Array:
    """The distribution over each group to fit the policy to: `q_i ∝ p_old_i · exp(u_i / eta)`.

    `p_old` is the softmax of `old_log_probs` over the group and `u` the standardized scores. The result is
    constant to differentiation: no gradient flows into `old_log_probs` or `scores`.

    Args:
        old_log_probs: `[..., K]` real floating, in nats: log-probs of the candidates under the policy that
            sampled them. `-inf` marks an impossible candidate.
        scores: `[..., K]` real, integer or boolean: higher is better.
        eta: Temperature, above 0. It divides the standardized scores.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        precision: `exact` gives the same bits in every library; `fast` is the plain formula, made safe.

    Returns:
        `[..., K]` in the dtype of `old_log_probs`, summing to 1 over the group. Impossible and masked candidates
        have exactly 0; a group without any possible candidate is all 0; NaN makes its group NaN.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries meet.
        InvalidArgumentError: Shapes differ, `eta` is not positive, or a dtype does not fit.
        UnknownNameError: `precision` is neither.

    Source:
        Kaddour 2026, equation 2.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.target(np.log([0.5, 0.25, 0.25]), np.asarray([0.0, 1.0, 1.0])).round(3)
        array([0.107, 0.446, 0.446])
    """
    check_eta(eta)
    ops, (old_log_probs, scores, mask) = unify(old_log_probs=old_log_probs, scores=scores, mask=mask)
    xp = ops.namespace()
    check_same_shape(SUM_TOKENS_FIRST, scores=scores, old_log_probs=old_log_probs, mask=mask)
    check_floating(xp, old_log_probs=old_log_probs)
    check_mask(xp, mask)
    dtype = working_dtype(xp, old_log_probs.dtype)
    anchor = xp.astype(ops.stop_gradient(old_log_probs), dtype)
    values = xp.astype(ops.stop_gradient(scores), dtype)
    return xp.astype(tier(precision).tilted_softmax(xp, anchor, values, eta, mask), old_log_probs.dtype)


def candidate_weights(q: Array, log_probs: Array, *, mask: Array | None = None, precision: Precision = "fast") -> Array:
    """The exact gradient of TPO's loss in each candidate's log-prob: `p - q`.

    A trainer that splits a group over micro-batches or devices can minimise `sum(weights * log_probs)` row by
    row and gets TPO's gradient at the point where the weights were computed. Where `log_probs` are those that
    `q` was built from and the group is tied, the weights are exactly 0.

    Args:
        q: `[..., K]` real floating: the target.
        log_probs: `[..., K]` real floating, in nats: log-probs under the current policy.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        precision: The one that `q` was computed with.

    Returns:
        `[..., K]` in the dtype of `log_probs`, constant to differentiation.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.

    Source:
        Kaddour 2026, proposition 1.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.candidate_weights(np.asarray([0.25, 0.75]), np.log([0.5, 0.5]))
        array([ 0.25, -0.25])
    """
    ops, (q, log_probs, mask) = unify(q=q, log_probs=log_probs, mask=mask)
    xp = ops.namespace()
    check_same_shape(SUM_TOKENS_FIRST, q=q, log_probs=log_probs, mask=mask)
    check_floating(xp, q=q, log_probs=log_probs)
    check_mask(xp, mask)
    values = xp.astype(ops.stop_gradient(log_probs), working_dtype(xp, log_probs.dtype))
    p = tier(precision).tilted_softmax(xp, values, mask=mask)
    # Rounded to the dtype of q first: p and q of an unmoved tied group then stay equal.
    return xp.astype(xp.astype(p, q.dtype) - ops.stop_gradient(q), log_probs.dtype)


def check_eta(eta: float) -> None:
    """Refuse a temperature that is not a positive number.

    Raises:
        InvalidArgumentError: It is 0, negative, infinite or NaN.
    """
    if not 0 < eta < math.inf:
        raise InvalidArgumentError(f"`eta` must be a positive number; got {eta}. The paper uses 1.0.")
