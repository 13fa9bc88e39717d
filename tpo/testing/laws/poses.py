"""Poses: modifications of groups so that a law applies to them. Each is idempotent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.testing.laws.groups import log_prob_names

if TYPE_CHECKING:
    from tpo.testing.laws.groups import Array, Groups

TIES = (0.1, 123.456, 1e8 + 0.1, -0.7, 1 / 3)
SPREADS = (0.01, 1.0, 10.0, 100.0)
"""Scores of tied groups, and factors of their log-probs."""

PREFERENCE = 2.0
"""Log-prob of a candidate, summed over tokens, in nats per standard deviation of its score below the best: for
policies that prefer high scores."""

FAR = -1e4
FAR_THRESHOLD = -1.3
"""Threshold below which log-probs are replaced by `FAR`: about two of five in random groups."""


def as_it_is(groups: Groups) -> Groups:
    """Leave groups unchanged."""
    return groups


def tie(groups: Groups) -> Groups:
    """Tie the scores of each group, at values with rounding errors, under a policy equal to the old one."""
    scores, log_probs = groups["scores"], groups["log_probs"]
    tied = np.all(scores == scores[..., :1], axis=-1)
    number = np.arange(tied.size).reshape(tied.shape)
    score = np.where(tied, scores[..., 0], np.take(TIES, number, mode="wrap"))
    spread = np.where(tied, 1, np.take(SPREADS, number, mode="wrap"))
    still = dict.fromkeys(log_prob_names(groups), log_probs * over(spread, log_probs))
    return {**groups, **still, "scores": np.broadcast_to(score[..., None], scores.shape)}


def send_far(groups: Groups) -> Groups:
    """Replace low log-probs by -1e4, in each array independently."""
    return {
        **groups,
        **{name: np.where(groups[name] < FAR_THRESHOLD, FAR, groups[name]) for name in log_prob_names(groups)},
    }


def agree(groups: Groups) -> Groups:
    """Make the policy equal to the old one, scores nonnegative, and advantages and baseline consistent with the scores.

    In every second group the policy already prefers high scores.
    """
    lowest = np.min(groups["scores"], axis=-1, keepdims=True)
    scores, log_probs, names = groups["scores"] - lowest, groups["log_probs"], log_prob_names(groups)
    deviation = np.std(scores, axis=-1, keepdims=True)
    below_best = (scores - scores.max(axis=-1, keepdims=True)) / np.where(deviation > 0, deviation, 1)
    good = over(PREFERENCE * below_best, log_probs) * scores.size / log_probs.size
    every_second = np.arange(lowest.size).reshape(lowest.shape) % 2 == 1
    posed = (lowest == 0) & np.all([_as_rows(groups[name] == log_probs, lowest) for name in names], axis=0)
    average = np.mean(scores, axis=-1)
    told = {"scores": scores, "advantages": scores - average[..., None], "baseline_scores": average}
    still = dict.fromkeys(names, np.where(over(every_second & ~posed, log_probs), good, log_probs))
    return {**groups, **still, **{name: values for name, values in told.items() if name in groups}}


def _as_rows(values: Array, lowest: Array) -> Array:
    """Reduce boolean `values` of each group by `all`, shaped as `lowest`, `[..., 1]`."""
    return np.asarray(values.reshape(*lowest.shape[:-1], -1).all(axis=-1, keepdims=True))


def impossible(groups: Groups) -> tuple[Groups, Array]:
    """Make two of five candidates impossible, and the whole first group; return also which, `[..., K]` boolean."""
    chosen = np.asarray(np.random.default_rng(5).random(groups["scores"].shape) < 2 / 5)
    chosen.reshape(-1, chosen.shape[-1])[0] = True
    return {**groups, **{name: np.where(chosen, -np.inf, groups[name]) for name in log_prob_names(groups)}}, chosen


def without_candidates(groups: Groups) -> tuple[Groups, Array]:
    """Mask all candidates of every third group; return also which groups, `[...]` boolean."""
    mask = groups["mask"]
    number = np.arange(mask[..., 0].size).reshape(mask.shape[:-1])
    empty = np.asarray(number % 3 == 0)
    return {**groups, "mask": mask & ~empty[..., None]}, empty


def over(groups: Array, values: Array) -> Array:
    """Reshape one number per group, `[...]`, to broadcast against `values`, `[..., K]` or `[..., K, T]`."""
    return groups.reshape(groups.shape + (1,) * (values.ndim - groups.ndim))
