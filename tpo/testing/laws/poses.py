"""From any groups to groups that a law is about. Posing what is posed already changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.testing.laws.groups import log_prob_names

if TYPE_CHECKING:
    from tpo.testing.laws.groups import Array, Groups

TIES = (0.1, 123.456, 1e8 + 0.1, -0.7, 1 / 3)
SPREADS = (0.01, 1.0, 10.0, 100.0)
"""Scores of tied groups, and what their log-probs are multiplied by."""

PREFERENCE = 2.0
"""Nats per standard deviation of the scores, over all tokens, where a policy prefers what scores high."""

FAR = -1e4
SENT = -1.3
"""Log-probs below it are sent far: about two of five of those made up."""


def as_it_is(groups: Groups) -> Groups:
    """Any groups."""
    return groups


def tie(groups: Groups) -> Groups:
    """One score per group, which need not be a sum of few powers of two, and a policy that has not moved."""
    scores, log_probs = groups["scores"], groups["log_probs"]
    tied = np.all(scores == scores[..., :1], axis=-1)
    number = np.arange(tied.size).reshape(tied.shape)
    score = np.where(tied, scores[..., 0], np.take(TIES, number, mode="wrap"))
    spread = np.where(tied, 1, np.take(SPREADS, number, mode="wrap"))
    still = dict.fromkeys(log_prob_names(groups), log_probs * over(spread, log_probs))
    return {**groups, **still, "scores": np.broadcast_to(score[..., None], scores.shape)}


def send_far(groups: Groups) -> Groups:
    """The log-probs below the threshold sent far, in each array its own."""
    return {**groups, **{name: np.where(groups[name] < SENT, FAR, groups[name]) for name in log_prob_names(groups)}}


def agree(groups: Groups) -> Groups:
    """A policy that has not moved, scores that are not negative, and advantages and a baseline that follow them.

    In every second group the policy already prefers what scores high.
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
    """Whether all of a group's `values`, `[...]`, hold, shaped as `lowest`, `[..., 1]`."""
    return np.asarray(values.reshape(*lowest.shape[:-1], -1).all(axis=-1, keepdims=True))


def impossible(groups: Groups) -> tuple[Groups, Array]:
    """Two of five candidates made impossible, and all of the first group; `[..., K]` booleans say which."""
    chosen = np.asarray(np.random.default_rng(5).random(groups["scores"].shape) < 2 / 5)
    chosen.reshape(-1, chosen.shape[-1])[0] = True
    return {**groups, **{name: np.where(chosen, -np.inf, groups[name]) for name in log_prob_names(groups)}}, chosen


def without_candidates(groups: Groups) -> tuple[Groups, Array]:
    """Every third group emptied through the mask; `[...]` booleans say which."""
    mask = groups["mask"]
    number = np.arange(mask[..., 0].size).reshape(mask.shape[:-1])
    empty = np.asarray(number % 3 == 0)
    return {**groups, "mask": mask & ~empty[..., None]}, empty


def over(groups: Array, values: Array) -> Array:
    """An array with one number per group, `[...]`, as one that goes with `values`, `[..., K]` or `[..., K, T]`."""
    return groups.reshape(groups.shape + (1,) * (values.ndim - groups.ndim))
