"""Losses per group, and how a loss is given the gradient it must have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tpo.core.ops import cast, check_floating, check_mask, check_same_shape, unify, where_else, working_dtype
from tpo.core.target import SUM_TOKENS_FIRST

if TYPE_CHECKING:
    from tpo.core.ops import Array, Ops


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
        `[...]` in the dtype of `log_probs`, in nats, one per group. Impossible candidates (`-inf`) add nothing, to the
        value or the gradient, unless they have target mass: then that times a quarter of the largest finite number.

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
    check_mask(xp, mask=mask)
    dtype = working_dtype(xp, log_probs.dtype)
    minus_q = -cast(xp, ops.stop_gradient(q), dtype)
    log_p = log_policy(ops, cast(xp, log_probs, dtype), mask)
    return cast(xp, xp.sum(minus_q * log_p, axis=-1), log_probs.dtype)


def log_policy(ops: Ops, log_probs: Array, mask: Array | None) -> Array:
    """The logarithm of the policy over each group, `[..., K]`: finite, hugely negative where it is impossible."""
    if mask is not None:
        log_probs = where_else(ops.namespace(), mask, log_probs, -math.inf)
    return ops.log_softmax(log_probs)


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
        gradient: `[..., K]` the gradient wanted.

    Returns:
        `[...]`: the values of `value`.
    """
    return ops.with_gradient(ops.stop_gradient(value), log_probs, ops.stop_gradient(gradient))
