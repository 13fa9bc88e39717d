"""Losses per group, and how a loss is given the gradient it must have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.ops import check_floating, check_mask, check_same_shape, unify, where_else, working_dtype
from tpo.core.target import SUM_TOKENS_FIRST

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace, Ops


class Loss(NamedTuple):
    """A loss per group, not yet reduced: the loss of a batch is `sum(value) / sum(weight)` over its groups.

    Attributes:
        value: `[...]` numerators.
        weight: `[...]` weights: 1 or the number of candidates, and 0 for a group without valid candidates.
    """

    value: Array
    weight: Array


def cross_entropy(q: Array, log_probs: Array, *, mask: Array | None = None) -> Array:
    """Cross-entropy from the policy over each group to the target: `-(q * log_softmax(log_probs)).sum(-1)`.

    Its gradient in `log_probs` is `p * sum(q) - q`; differentiable twice. `q` is data: no gradient flows into it.

    Args:
        q: `[..., K]` real floating: the target.
        log_probs: `[..., K]` real floating, in nats: log-probs of the candidates under the current policy.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.

    Returns:
        `[...]` in the dtype of `log_probs`, in nats, one per group. Impossible candidates (`-inf`) without
        target mass add nothing, to the value or the gradient; with target mass they make the loss infinite.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.

    Source:
        Kaddour 2026, equation 3.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.cross_entropy(np.asarray([0.5, 0.5]), np.log([0.5, 0.5])).round(4)
        np.float64(0.6931)
    """
    ops, (q, log_probs, mask) = unify(q=q, log_probs=log_probs, mask=mask)
    xp = ops.namespace()
    check_same_shape(SUM_TOKENS_FIRST, q=q, log_probs=log_probs, mask=mask)
    check_floating(xp, q=q, log_probs=log_probs)
    check_mask(xp, mask)
    dtype = working_dtype(xp, log_probs.dtype)
    q = xp.astype(ops.stop_gradient(q), dtype)
    valid = possible_candidates(log_probs, mask)
    # A finite floor instead of -inf: exp() of it is still 0, and its gradient is 0 instead of NaN.
    log_p = ops.log_softmax(where_else(xp, valid, xp.astype(log_probs, dtype), xp.finfo(dtype).min / 2))
    log_p = where_else(xp, valid, log_p, -math.inf)
    return xp.astype(-xp.sum(q * where_else(xp, q != 0, log_p, 0.0), axis=-1), log_probs.dtype)


def possible_candidates(log_probs: Array, mask: Array | None) -> Array:
    """`[..., K]` boolean: in the mask, and not of probability 0. NaN counts as possible, to be seen."""
    possible = log_probs != -math.inf
    return possible if mask is None else possible & mask


def with_gradient(ops: Ops, value: Array, log_probs: Array, gradient: Array) -> Array:
    """`value` whose gradient in `log_probs` is exactly `gradient`.

    Args:
        ops: The library of the arrays.
        value: `[...]` any values.
        log_probs: `[..., K]` what is differentiated.
        gradient: `[..., K]` the gradient wanted. None flows where it is 0 or `log_probs` is infinite.

    Returns:
        `[...]`: the values of `value`.
    """
    xp = ops.namespace()
    gradient = ops.stop_gradient(gradient)
    moves = (gradient != 0) & xp.isfinite(log_probs)
    linear = xp.sum(gradient * where_else(xp, moves, log_probs, 0.0), axis=-1)
    return ops.stop_gradient(value) + (linear - ops.stop_gradient(linear))


def sum_over_candidates(xp: Namespace, losses: Array, valid: Array) -> Loss:
    """Losses per candidate, `[..., K]`, as a `Loss` whose batch loss is their mean over valid candidates."""
    value = xp.sum(where_else(xp, valid, losses, 0.0), axis=-1)
    return Loss(value, xp.sum(xp.astype(valid, losses.dtype), axis=-1))


def sum_within_groups(xp: Namespace, losses: Array, valid: Array) -> Loss:
    """Losses per candidate, `[..., K]`, as a `Loss` that sums within a group and averages over groups."""
    value, _ = sum_over_candidates(xp, losses, valid)
    return Loss(value, xp.astype(xp.any(valid, axis=-1), losses.dtype))
