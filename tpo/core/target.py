"""The target of TPO: the old policy over the group, tilted towards higher scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.anchors import anchoring, possible_or_minus_infinity
from tpo.core.arithmetic.precision import tier
from tpo.core.arrays.elementwise import cast, zero_outside
from tpo.core.arrays.ops import (
    check_floating,
    check_mask,
    check_same_shape,
    unify,
    unify_groups,
    working_dtype,
)
from tpo.core.nan import nan_policy, refuse_log_probs, treat_nan
from tpo.core.options import check_eta
from tpo.core.policy import policy
from tpo.core.scores import check_scores, relative_scores
from tpo.core.scores_beside import scores_beside
from tpo.core.standardizing.standardizer import check_standardizer
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.anchors import Anchor
    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.typing import Array
    from tpo.core.nan import NanPolicy
    from tpo.core.standardizing.standardizer import Standardizer


def target(
    old_log_probs: Array,
    scores: Array,
    eta: float = 1.0,
    *,
    mask: Array | None = None,
    anchor: Anchor = "policy",
    standardizer: Standardizer = Z_SCORE,
    nan: NanPolicy = "propagate",
    precision: Precision = "exact",
) -> Array:
    """The target distribution over each group, to which the policy is fitted: `q_i ∝ p_old_i · exp(u_i / eta)`.

    `p_old` is the softmax of `old_log_probs` over the group and `u` the standardized scores. The result is
    constant to differentiation: no gradient flows into `old_log_probs` or `scores`.

    Args:
        old_log_probs: `[..., K]` real floating, in nats: log-probs of the candidates under the policy that
            sampled them. `-inf` marks an impossible candidate.
        scores: `[..., K]` real, integer or boolean: higher is better.
        eta: Temperature, above 0. It divides the standardized scores.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        anchor: `policy` tilts the old policy, as above. `ratio` and `none` give `q ∝ exp(u / eta)`. `ratio` is for
            long sequences; fit `softmax(log_probs - old_log_probs)` to its target (see `TPO`).
        standardizer: How scores become `u`, such as `tpo.ZScore()` or `tpo.Centred()`.
        nan: Treatment of NaN and infinite scores: `propagate` makes their group NaN, `mask` leaves them out, `raise`
            raises an error, also for NaN in `old_log_probs`.
        precision: `exact` gives the same bits in every library; `fast` is the plain formula, safe from overflow.

    Returns:
        `[..., K]` in the dtype of `old_log_probs`, summing to 1 over the group. Impossible and masked candidates
        have exactly 0; a group without any possible candidate is all 0; a group of one has 1.

    Raises:
        InvalidTypeError: An argument is no array, `eta` is no number, `standardizer` is no standardizer, or two
            libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, `eta` is not positive, a dtype does not fit, or a number is not finite
            under `raise`.
        UnknownNameError: `anchor`, `nan` or `precision` is unknown.

    Source:
        Kaddour 2026, equation 2.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.target(np.log([0.5, 0.25, 0.25]), np.asarray([0.0, 1.0, 1.0])).round(3)
        array([0.107, 0.446, 0.446])
    """
    check_eta(eta)
    check_standardizer(standardizer)
    scores = scores_beside(scores, old_log_probs, mask=mask, axes=standardizer.shift_axes, nan=nan)
    ops, (old_log_probs, scores, mask) = unify(old_log_probs=old_log_probs, scores=scores, mask=mask)
    xp = ops.namespace()
    check_same_shape(("old_log_probs",), scores=scores, old_log_probs=old_log_probs, mask=mask)
    check_floating(xp, old_log_probs=old_log_probs)
    check_scores(xp, scores=scores)
    check_mask(xp, mask=mask)
    if 0 in old_log_probs.shape:
        return xp.zeros_like(old_log_probs)
    dtype = working_dtype(xp, old_log_probs.dtype)
    anchored = cast(xp, ops.stop_gradient(old_log_probs), dtype)
    if not anchoring(anchor).tilts_old_policy:
        anchored = possible_or_minus_infinity(xp, xp.zeros_like(anchored), anchored)
    known, mask = treat_nan(xp, ops.stop_gradient(scores), mask, nan, dtype)
    if nan_policy(nan).refuses:
        refuse_log_probs(xp, mask, old_log_probs=old_log_probs)
    values = relative_scores(xp, known, mask, dtype, standardizer.shift_axes)
    tilted_softmax = tier(precision, ops).tilted_softmax
    q = ops.run(tilted_softmax, anchored, values, mask, eta=float(eta), standardizer=standardizer)
    return cast(xp, q, old_log_probs.dtype)


def candidate_weights(
    q: Array, log_probs: Array, *, mask: Array | None = None, precision: Precision = "exact"
) -> Array:
    """The exact gradient of TPO's loss, the cross-entropy, in each candidate's log-prob: `p - q`.

    A trainer that splits a group over micro-batches or devices can minimise `sum(weights * log_probs)` row by
    row and gets TPO's gradient at the point where the weights were computed. For a tied group, and the `log_probs`
    that `q` was built from, the weights are exactly 0. For the reverse divergence use `row_weights`.

    Args:
        q: `[..., K]` real floating: the target.
        log_probs: `[..., K]` real floating, in nats: log-probs under the current policy; under the `ratio` anchor
            `log_probs - old_log_probs`.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere. The other slots of `q` and
            `log_probs` may hold anything.
        precision: The precision that `q` was computed with.

    Returns:
        `[..., K]` in the dtype of `log_probs`, constant to differentiation.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.
        UnknownNameError: `precision` is unknown.

    Source:
        Kaddour 2026, proposition 1.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.candidate_weights(np.asarray([0.25, 0.75]), np.log([0.5, 0.5]))
        array([ 0.25, -0.25])
    """
    ops, (q, log_probs, mask) = unify_groups(q=q, log_probs=log_probs, mask=mask)
    xp = ops.namespace()
    p = policy(ops, tier(precision, ops).tilted_softmax, log_probs, mask)
    # Rounded to the dtype of q first, so that p and q of an unmoved tied group stay equal.
    return cast(xp, cast(xp, p, q.dtype) - zero_outside(xp, mask, ops.stop_gradient(q)), log_probs.dtype)


def policy_over_group(log_probs: Array, *, mask: Array | None = None, precision: Precision = "exact") -> Array:
    """The policy over each group, `p = softmax(log_probs)`, computed by the routine that `target` uses.

    Args:
        log_probs: `[..., K]` real floating, in nats. `-inf` marks an impossible candidate.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        precision: `exact` or `fast`, as in `target`.

    Returns:
        `[..., K]` in the dtype of `log_probs`, constant to differentiation. Impossible and masked candidates have
        exactly 0.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.
        UnknownNameError: `precision` is unknown.

    Source:
        Kaddour 2026, equation 1.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.policy_over_group(np.asarray([0.0, 0.0, -np.inf]))
        array([0.5, 0.5, 0. ])
    """
    ops, (log_probs, mask) = unify_groups(log_probs=log_probs, mask=mask)
    return cast(ops.namespace(), policy(ops, tier(precision, ops).tilted_softmax, log_probs, mask), log_probs.dtype)
