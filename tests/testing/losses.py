"""A correct loss on groups, and losses with one defect each."""

from __future__ import annotations

import functools
import sys
import time

from array_api_compat import array_namespace

import tpo
from tpo.core.arrays.ops import working_dtype


def in_single(loss):
    """Wrap `loss` to cast its arguments to at least float32."""

    @functools.wraps(loss)
    def wide(*arrays):
        xp = array_namespace(*arrays)
        floating = [xp.isdtype(x.dtype, "real floating") for x in arrays]
        pairs = zip(arrays, floating, strict=True)
        return loss(*(xp.astype(x, working_dtype(xp, x.dtype)) if own else x for x, own in pairs))

    return wide


def right(log_probs, scores, old_log_probs):
    """The cross-entropy to TPO's target, with the gradient that `tpo.TPO` gives it."""
    group = tpo.Group(scores=scores, old_log_probs=old_log_probs)
    algorithm = tpo.TPO(precision="fast")
    return algorithm.loss(log_probs, algorithm.prepare(group)).value


@in_single
def policy_gradient(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum(tpo.standardize(scores, precision="fast") * log_probs, axis=-1)


@in_single
def of_shifted_scores(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum((scores - 1) * log_probs, axis=-1)


@in_single
def of_a_first_candidate(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum((scores - scores[..., :1]) * log_probs, axis=-1)


@in_single
def of_a_plain_ratio(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    probabilities, old = xp.exp(log_probs), xp.exp(old_log_probs)
    return xp.sum(tpo.standardize(scores, precision="fast") * (xp.log(old) - xp.log(probabilities)), axis=-1)


@in_single
def with_an_entropy_bonus(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return policy_gradient(log_probs, scores, old_log_probs) + 1e-3 * xp.sum(xp.exp(log_probs) * log_probs, axis=-1)


@in_single
def with_a_live_target(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    target = old_log_probs + tpo.standardize(scores, precision="fast")
    return xp.sum((log_probs - target) ** 2, axis=-1)


@in_single
def of_the_whole_batch(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return policy_gradient(log_probs, scores, old_log_probs) * (1 + xp.mean(scores) ** 2)


@in_single
def with_a_wrong_sign(log_probs, scores, old_log_probs):
    return -policy_gradient(log_probs, scores, old_log_probs)


def in_half(log_probs, scores, old_log_probs):
    del old_log_probs
    xp = array_namespace(log_probs)
    return -xp.sum(tpo.standardize(scores, precision="fast") * log_probs, axis=-1)


def of_a_small_deviation(log_probs, scores, old_log_probs):
    """A common defect: tied groups give a rounded mean and a deviation that is not 0."""
    del old_log_probs
    xp = array_namespace(log_probs)
    centred = scores - xp.mean(scores, axis=-1, keepdims=True)
    deviation = xp.sqrt(xp.mean(centred**2, axis=-1, keepdims=True))
    return -xp.sum(centred / (deviation + 1e-8) * log_probs, axis=-1)


@in_single
def of_tokens(log_probs, scores, old_log_probs, token_mask):
    """GRPO's loss, a mean over the tokens of the group."""
    algorithm = tpo.GRPO(reduction="token-mean")
    group = tpo.Group(scores=scores, old_log_probs=old_log_probs, token_mask=token_mask)
    value, weight = algorithm.loss(log_probs, algorithm.prepare(group))
    return value / weight


@in_single
def of_padding_too(log_probs, scores, old_log_probs, counted):
    """A defect: the mean is over T instead of the number of tokens."""
    del old_log_probs
    xp = array_namespace(log_probs)
    advantages = tpo.standardize(scores, precision="fast")
    return -xp.sum(advantages * xp.mean(xp.where(counted, log_probs, 0 * log_probs), axis=-1), axis=-1)


def of_a_named_mask(log_probs, scores, old_log_probs, *, token_mask):
    return of_tokens(log_probs, scores, old_log_probs, token_mask)


def of_options(log_probs, scores, old_log_probs, clip=0.2):
    del clip
    return policy_gradient(log_probs, scores, old_log_probs)


def of_no_log_probs(log_probs, scores, old_log_probs):
    xp = array_namespace(log_probs)
    return xp.sum(scores + old_log_probs + 0 * log_probs, axis=-1)


def reduced_to_a_number(log_probs, scores, old_log_probs):
    return policy_gradient(log_probs, scores, old_log_probs).mean()


def that_fails(log_probs, scores, old_log_probs):
    del log_probs, scores, old_log_probs
    raise ValueError("no such luck.\nReally none.")


def that_exits(log_probs, scores, old_log_probs):
    del log_probs, scores, old_log_probs
    raise SystemExit(0)


def that_exits_on_the_way_back(log_probs, scores, old_log_probs):
    """A loss in PyTorch whose backward pass raises `SystemExit`."""
    value = policy_gradient(log_probs, scores, old_log_probs)
    if value.requires_grad:
        value.register_hook(lambda _: sys.exit(0))
    return value


def that_wants_single(log_probs, scores, old_log_probs):
    if "float16" in str(log_probs.dtype):
        raise RuntimeError("no kernel for this dtype")
    return policy_gradient(log_probs, scores, old_log_probs)


def that_takes_its_time(log_probs, scores, old_log_probs):
    time.sleep(0.1)
    return policy_gradient(log_probs, scores, old_log_probs)


def of_complex_numbers(log_probs, scores, old_log_probs):
    """A defect: the numbers have an imaginary part."""
    return 1j * policy_gradient(log_probs, scores, old_log_probs)


def of_whole_numbers(log_probs, scores, old_log_probs):
    """A defect: the loss is rounded to integers."""
    xp = array_namespace(log_probs)
    return xp.astype(policy_gradient(log_probs, scores, old_log_probs), xp.int32)


def of_booleans(log_probs, scores, old_log_probs):
    return policy_gradient(log_probs, scores, old_log_probs) > 0


def of_two(log_probs, scores):
    return log_probs + scores
