"""Losses on groups: one that is right, and others with a defect each."""

from __future__ import annotations

from array_api_compat import array_namespace

import tpo


def right(log_probs, scores, old_log_probs):
    """The cross-entropy to TPO's target, with the gradient that `tpo.TPO` gives it."""
    group = tpo.Group(scores=scores, old_log_probs=old_log_probs)
    algorithm = tpo.TPO(precision="fast")
    return algorithm.loss(log_probs, algorithm.prepare(group)).value


def policy_gradient(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum(tpo.standardize(scores, precision="fast") * log_probs, axis=-1)


def of_shifted_scores(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum((scores - 1) * log_probs, axis=-1)


def of_a_first_candidate(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum((scores - scores[..., :1]) * log_probs, axis=-1)


def of_a_plain_ratio(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    probabilities, old = xp.exp(log_probs), xp.exp(old_log_probs)
    return xp.sum(tpo.standardize(scores, precision="fast") * (xp.log(probabilities) - xp.log(old)), axis=-1)


def with_an_entropy_bonus(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return policy_gradient(log_probs, scores, old_log_probs) + xp.sum(xp.exp(log_probs) * log_probs, axis=-1)


def with_a_live_target(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    target = old_log_probs + tpo.standardize(scores, precision="fast")
    return xp.sum((log_probs - target) ** 2, axis=-1)


def of_the_whole_batch(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return policy_gradient(log_probs, scores, old_log_probs) * (1 + xp.mean(scores) ** 2)


def of_no_log_probs(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return xp.sum(scores + old_log_probs + 0 * log_probs, axis=-1)


def reduced_to_a_number(log_probs, scores, old_log_probs):
    return policy_gradient(log_probs, scores, old_log_probs).mean()


def that_fails(log_probs, scores, old_log_probs):
    del log_probs, scores, old_log_probs
    raise ValueError("no such luck.\nReally none.")


def of_two(log_probs, scores):
    return log_probs + scores
