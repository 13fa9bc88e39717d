"""Metrics of the groups of a step: effective sample size, and weight on successes and failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.core.algorithms.base import FitsTarget, WeighsCandidates
from tpo.core.arithmetic import fast
from tpo.core.arrays.elementwise import cast
from tpo.core.loss import valid_candidates
from tpo.core.policy import effective_sample_size, policy

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group


GRADIENT_NORM = "gradient_norm"
"""Name of the metric for the gradient norm of the first epoch."""

EFFECTIVE_SAMPLE_SIZE = "effective_sample_size"
EXCESS_CROSS_ENTROPY = "excess_cross_entropy"
WEIGHT_ON_SUCCESS, WEIGHT_ON_FAILURE = "weight_on_success", "weight_on_failure"


def group_metric_names(algorithm: Algorithm) -> tuple[str, ...]:
    """Names of the metrics that `group_metrics` computes for `algorithm`."""
    compares = (EFFECTIVE_SAMPLE_SIZE,) if algorithm.traits.compares_candidates else ()
    fits = (EXCESS_CROSS_ENTROPY,) if isinstance(algorithm, FitsTarget) else ()
    weighs = (WEIGHT_ON_SUCCESS, WEIGHT_ON_FAILURE) if isinstance(algorithm, WeighsCandidates) else ()
    return (*compares, *fits, *weighs)


def group_metrics(algorithm: Algorithm, group: Group, signal: Any) -> dict[str, Array]:
    """Compute metrics of groups `[S, ..., K]` at the old policy, averaged over the groups of each seed, `[S]` each.

    - `effective_sample_size` is `1 / sum(p_old**2)`, the effective number of candidates of the old policy (0 if none is
      possible), for algorithms that compare candidates of one context.
    - `excess_cross_entropy` is KL(q || p_old) in nats, for an algorithm that `FitsTarget`: how far its target is from
      the policy that sampled.
    - `weight_on_success` and `weight_on_failure` are the mean weights that an algorithm that `WeighsCandidates` gives
      to candidates with a score above 0 and to the others, 0 for groups without such candidates.

    Source:
        Kaddour 2026, figure 11b, for the weights.
    """
    ops, xp = group.library()
    found: dict[str, Array] = {}
    if algorithm.traits.compares_candidates:
        whole = group.summed()
        p = cast(xp, policy(ops, fast.tilted_softmax, whole.old_log_probs, whole.mask), whole.old_log_probs.dtype)
        present = xp.any(valid_candidates(whole), axis=-1)
        found[EFFECTIVE_SAMPLE_SIZE] = _mean(xp, effective_sample_size(xp, p, present))
    if isinstance(algorithm, FitsTarget):
        found[EXCESS_CROSS_ENTROPY] = _mean(xp, algorithm.excess_cross_entropy(group.old_log_probs, signal))
    if isinstance(algorithm, WeighsCandidates):
        weights, succeeds = algorithm.weights(signal), group.scores > 0
        found[WEIGHT_ON_SUCCESS] = _mean_where(xp, weights, succeeds)
        found[WEIGHT_ON_FAILURE] = _mean_where(xp, weights, ~succeeds)
    return found


def _mean(xp: Namespace, values: Array) -> Array:
    """Average over all axes but the first, `[S, ...]` to `[S]`."""
    return xp.mean(xp.reshape(values, (values.shape[0], -1)), axis=1)


def _mean_where(xp: Namespace, values: Array, chosen: Array) -> Array:
    counted = xp.astype(chosen, values.dtype)
    share = _mean(xp, counted)
    return _mean(xp, counted * values) / xp.where(share > 0, share, xp.ones_like(share))
