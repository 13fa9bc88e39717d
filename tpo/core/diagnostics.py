"""Diagnostics of groups: how degenerate the old policy is, and how far the target is from it."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.core.anchors import anchoring, possible_or_minus_infinity
from tpo.core.arithmetic.limits import LOG_RATIO_BOUND
from tpo.core.arrays.elementwise import cast, count, log_or_zero, where_else
from tpo.core.arrays.ops import unify
from tpo.core.checks.check_group import check_is_group
from tpo.core.log_probs import sequence_log_probs
from tpo.core.loss import cross_entropy, valid_candidates
from tpo.core.losses.current import check_log_probs
from tpo.core.policy import effective_sample_size
from tpo.core.scores import difference
from tpo.core.standardizing.standardizer import check_standardizer
from tpo.core.standardizing.standardizers import Z_SCORE
from tpo.core.target import policy_over_group, target
from tpo.errors import DegenerateGroupsWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.core.anchors import Anchor
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group
    from tpo.core.standardizing.standardizer import Standardizer

MEDIANS: Mapping[str, Callable[..., Any]] = {"effective_sample_size": np.median}
"""Diagnostics that are summarized over a batch by something other than the mean."""

LEAST_SHARE = 0.25
"""Effective sample size over group size; learning fails where most groups are below: it did at 2.1 to 2.9 of 16."""

LEAST_EFFECTIVE_SIZE = 2.0
"""Effective sample size below which a group teaches too little, even a small one."""

LARGE_SHARE = 0.75
"""Share for groups of two, which cannot have more than 2 effective candidates."""


class Diagnostics(NamedTuple):
    """Diagnostics of groups, arrays `[...]` with one entry per group; 0 or false for groups without candidates.

    Attributes:
        candidates: How many possible candidates there are, at most K.
        effective_sample_size: `1 / sum(p_old**2)`: the effective number of candidates of the old policy, from 1 to K.
        target_divergence: KL(q || p_old) in nats: how far the target is from the old policy.
        excess_cross_entropy: KL(q || p) in nats: cross-entropy minus the target's entropy. 0 at the optimum, unlike the
            loss itself.
        total_variation: `sum(abs(q - p_old)) / 2`: the probability mass that the target moves.
        remaining_variation: `sum(abs(q - p)) / 2`: the mass that is still to be moved. 0 at the optimum.
        target_entropy: Entropy of the target, in nats.
        tied: Whether all scores are equal.
        near_tied: Whether the scores are not all equal, but span no more than `near`.
        all_fail: Whether no score is above `fail`.
        all_pass: Whether no score is below `succeed`.
        ratios_bounded: The share of candidates whose log-ratio to the old policy lies beyond 20 nats: ratios and KL
            penalties are no larger there than at 20, and their gradients no steeper.
        argmax_moves: Whether the likeliest candidates of q and p_old differ; false where one of the two is NaN.
        score_under_policy: The mean score under p.
        score_under_target: The mean score under q.
        present: Whether the group has a possible candidate.
    """

    candidates: Array
    effective_sample_size: Array
    target_divergence: Array
    excess_cross_entropy: Array
    total_variation: Array
    remaining_variation: Array
    target_entropy: Array
    tied: Array
    near_tied: Array
    all_fail: Array
    all_pass: Array
    ratios_bounded: Array
    argmax_moves: Array
    score_under_policy: Array
    score_under_target: Array
    present: Array


def diagnostics(
    group: Group,
    log_probs: Array | None = None,
    *,
    eta: float = 1.0,
    anchor: Anchor = "policy",
    standardizer: Standardizer = Z_SCORE,
    near: float = 1e-2,
    fail: float = 0.0,
    succeed: float = 1.0,
) -> Diagnostics:
    """Compute diagnostics of groups and their targets. Works under compilation; constant to differentiation.

    Args:
        group: Scored candidates. Log-probs of tokens, `[..., K, T]`, are summed to those of candidates, and candidates
            without a token are left out.
        log_probs: Shaped as the group's, in nats, under the current policy. Default: the old ones.
        eta: As for `target`.
        anchor: As for `target`; under `ratio`, p and p_old are made of ratios, and p_old is uniform.
        standardizer: As for `target`.
        near: Scores of a group that span no more than this are nearly tied.
        fail: The score of a candidate that failed.
        succeed: The score of a candidate that succeeded.

    Returns:
        A `Diagnostics`, one number per group. `summarize` reduces it to one number for the batch.

    Raises:
        InvalidTypeError: An argument is of another kind, or arrays of two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, or a dtype or `eta` does not fit.
    """
    check_is_group(group)
    check_standardizer(standardizer)
    ops, (_, log_probs) = unify(scores=group.scores, log_probs=log_probs)
    xp, of_tokens, group = ops.namespace(), group, group.summed()
    old_log_probs = new_log_probs = group.old_log_probs
    if log_probs is not None:
        check_log_probs(xp, log_probs, of_tokens.old_log_probs)
        new_log_probs = _candidate_log_probs(of_tokens, ops.stop_gradient(log_probs))
    valid = valid_candidates(group)
    origin = where_else(xp, valid & anchoring(anchor).measures_ratios, old_log_probs, 0.0)
    old = possible_or_minus_infinity(xp, old_log_probs - origin, old_log_probs)
    now = old if log_probs is None else cast(xp, new_log_probs, old.dtype) - origin
    scores = group.scores_for(standardizer.shift_axes)
    q = target(old_log_probs, scores, eta, mask=group.mask, anchor=anchor, standardizer=standardizer)
    p_old, p = (policy_over_group(values, mask=group.mask) for values in (old, now))
    entropy = -xp.sum(q * log_or_zero(xp, q), axis=-1)
    low, high = _extremes(xp, group.scores, valid)
    lowest, highest = _extremes(xp, group.relative_scores(), valid)
    present, number = xp.any(valid, axis=-1), count(xp, valid, p)[..., 0]
    moved = where_else(xp, valid, cast(xp, new_log_probs, old.dtype), 0.0) - where_else(xp, valid, old_log_probs, 0.0)
    beyond = count(xp, xp.abs(moved) > LOG_RATIO_BOUND, p)[..., 0]
    best, preferred = (valid & (p == _extremes(xp, p, valid)[1][..., None]) for p in (p_old, q))
    scores = where_else(xp, valid, group.scores, 0.0)
    return Diagnostics(
        candidates=number,
        effective_sample_size=effective_sample_size(xp, p_old, present),
        target_divergence=cross_entropy(q, old, mask=group.mask) - entropy,
        excess_cross_entropy=cross_entropy(q, now, mask=group.mask) - entropy,
        total_variation=0.5 * xp.sum(xp.abs(q - p_old), axis=-1),
        remaining_variation=0.5 * xp.sum(xp.abs(q - p), axis=-1),
        target_entropy=entropy,
        tied=present & (lowest == highest),
        near_tied=present & (lowest != highest) & (difference(xp, highest, lowest) <= near),
        all_fail=present & (high <= fail),
        all_pass=present & (low >= succeed),
        ratios_bounded=beyond / where_else(xp, present, number, 1.0),
        argmax_moves=xp.any(best, axis=-1) & xp.any(preferred, axis=-1) & ~xp.any(best & preferred, axis=-1),
        score_under_policy=_expected(xp, p, scores),
        score_under_target=_expected(xp, q, scores),
        present=present,
    )


def summarize(found: Diagnostics, *, warn: bool = True) -> Mapping[str, float]:
    """Summarize the groups of a batch: medians of effective sample sizes, shares of booleans, means of the rest.

    Args:
        found: From `diagnostics`, with concrete values: not inside `jax.jit`.
        warn: Whether to warn, once in a process, if the effective sample size of more than half of the groups is below
            a quarter of the candidates, or below 2 (1.5 for groups of two).

    Returns:
        Name to number, over the groups with a possible candidate; NaN without any.

    Example:
        >>> import numpy as np, tpo
        >>> group = tpo.Group(scores=np.asarray([[1.0, 0.0]]), old_log_probs=np.log([[0.5, 0.5]]))
        >>> round(tpo.summarize(tpo.diagnostics(group))["score_under_target"], 3)
        0.881
    """
    ops, _ = unify(present=found.present)
    arrays = {name: ops.to_numpy(values) for name, values in found._asdict().items()}
    present = arrays.pop("present")
    row = {name: _reduced(name, values[present]) for name, values in arrays.items()}
    degenerate = arrays["effective_sample_size"] < least_effective_size(arrays["candidates"])
    if warn and degenerate[present].sum() > present.sum() / 2:
        _warn_of_degenerate_groups(row["effective_sample_size"], row["candidates"])
    return row


def least_effective_size(candidates: float | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The effective sample size below which groups of this many candidates teach too little."""
    return np.maximum(LEAST_SHARE * candidates, np.minimum(LEAST_EFFECTIVE_SIZE, LARGE_SHARE * candidates))


def _reduced(name: str, known: np.ndarray[Any, Any]) -> float:
    return float(MEDIANS.get(name, np.mean)(known)) if known.size else math.nan


def _warn_of_degenerate_groups(size: float, candidates: float) -> None:
    if _WARNED:
        return
    _WARNED.append(True)
    message = (
        "the old policy should spread over its candidates; in half of the groups its effective sample size is at most "
        f"{size:.2g}, of {candidates:.3g} candidates, so that the target stays close to the old policy whatever the "
        "scores say. Log-probs of long sequences do this: use anchor='ratio', or sequence_log_probs(..., "
        "length_exponent=1)."
    )
    warnings.warn(message, DegenerateGroupsWarning, stacklevel=3)


_WARNED: list[bool] = []
"""Nonempty once this process has given the warning."""


def _candidate_log_probs(group: Group, log_probs: Array) -> Array:
    """Log-probs of whole candidates, `[..., K]`: log-probs of tokens are summed."""
    return log_probs if group.token_mask is None else sequence_log_probs(log_probs, group.token_mask)


def _expected(xp: Namespace, probabilities: Array, scores: Array) -> Array:
    """The mean score under probabilities, `[...]`; NaN where an infinite score has probability 0."""
    known = where_else(xp, xp.isfinite(scores) | (probabilities > 0), scores, math.nan)
    return xp.sum(probabilities * known, axis=-1)


def _extremes(xp: Namespace, scores: Array, valid: Array) -> tuple[Array, Array]:
    """The lowest and the highest score of the valid candidates, `[...]`; inf and -inf without any."""
    none = xp.zeros_like(xp.any(valid, axis=-1, keepdims=True), dtype=scores.dtype)
    both = [where_else(xp, valid, sign * scores, -math.inf) for sign in (-1, 1)]
    low, high = (xp.max(xp.concat([side, none - math.inf], axis=-1), axis=-1) for side in both)
    return -low, high
