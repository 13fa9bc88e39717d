"""Weighted maximum likelihood of the candidates, with a KL penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tpo.core.arrays.elementwise import mean, weighed, where_else
from tpo.core.loss import Loss, valid_candidates
from tpo.core.losses.current import current_candidates
from tpo.core.losses.ratios import forward_kl, log_ratios

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group


class Weighted(NamedTuple):
    """The signal of weighted maximum likelihood: weights, and the policy of the KL penalty.

    Attributes:
        weights: `[..., K]`, 0 where not valid.
        from_log_probs: `[..., K]` in nats: the policy that the penalty is measured from.
        valid: `[..., K]` boolean: unmasked candidates of nonzero probability.
    """

    weights: Array
    from_log_probs: Array
    valid: Array


def weighted(group: Group, weights: Array, from_log_probs: Array) -> Weighted:
    """Build the signal from `weights`, `[..., K]`, which become 0 for invalid candidates."""
    _, xp = group.library()
    valid = valid_candidates(group)
    return Weighted(where_else(xp, valid, weights, 0.0), from_log_probs, valid)


def fit_weighted(log_probs: Array, signal: Weighted, kl: float = 0.0) -> Loss:
    """`-sum_i w_i log_probs_i`, plus `kl` times an estimate of KL(from || policy) over the candidates.

    The first term's gradient is `-w` by construction. The second is the mean of `exp(d) - 1 - d` with
    `d = log_probs - from_log_probs`, as if each candidate were a sample of the policy behind `from_log_probs`.

    Args:
        log_probs: `[..., K]` in nats.
        signal: The weights, and the policy of the penalty.
        kl: Weight of the penalty, in the unit of the weights per nat.

    Returns:
        `[...]` values, and weights of 1 for groups with a valid candidate.
    """
    now, signal = current_candidates(log_probs, signal, Weighted)
    xp = now.xp
    value = negative_log_likelihood(now.ops, xp, now.log_probs, signal.weights)
    if kl > 0:
        distance = forward_kl(xp, log_ratios(now, signal.from_log_probs, signal.valid))
        value = value + kl * mean(xp, distance, signal.valid)
    return Loss(value, xp.astype(xp.any(signal.valid, axis=-1), value.dtype))


def negative_log_likelihood(ops: Ops, xp: Namespace, log_probs: Array, weights: Array) -> Array:
    """`-sum_i w_i log_probs_i`, `[...]`; a candidate of weight 0 adds nothing, even at a log-prob of `-inf`."""
    terms = weighed(xp, weights, ops.stop_gradient(log_probs))
    return ops.with_gradient(-xp.sum(terms, axis=-1), log_probs, -weights)
