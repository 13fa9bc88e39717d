"""The laws of losses on groups, as checks that say of each group by itself whether a law breaks there."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tpo.core.algorithms.base import LAWS as DECLARABLE
from tpo.testing.groups import log_prob_names, reordered
from tpo.testing.outcomes import Comparison, breaks, same, zero_where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.testing.groups import Array, Groups
    from tpo.testing.outcomes import Outcome, Subject

SHIFT = 37.0
TIES = (0.1, 123.456, 1e8 + 0.1, -0.7, 1 / 3)
SPREADS = (0.01, 1.0, 10.0, 100.0)
"""Scores of tied groups, and what their log-probs are multiplied by."""

FAR = -1e4
SENT = -1.3
"""Log-probs below it are sent far: about two of five of those made up."""


class Law(NamedTuple):
    """Something that holds for every loss on groups.

    Attributes:
        statement: In a sentence.
        remedy: What to do about a loss that breaks it.
        pose: From any groups to groups that the law is about; what is posed already stays as it is.
        compare: From a loss and posed groups to what must be equal.
        wanted: What should have come, where numbers cannot say it.
        about_gradients: Whether it says nothing of a loss that is not differentiated.
        in_single_too: Whether it must be checked in float32 besides the widest dtype.
    """

    statement: str
    remedy: str
    pose: Callable[[Groups], Groups]
    compare: Callable[[Subject, Groups], list[Comparison]]
    wanted: str = ""
    about_gradients: bool = False
    in_single_too: bool = False


def broken(law: Law, subject: Subject, groups: Groups, tolerance: float) -> tuple[Array, list[Comparison]]:
    """`[...]` boolean, the groups in which `law` breaks once posed; and all that was compared."""
    leading = groups["scores"].ndim - 1
    comparisons = law.compare(subject, law.pose(groups))
    wrong = [breaks(comparison, leading, tolerance) for comparison in comparisons]
    return np.any(wrong, axis=0), comparisons


def as_it_is(groups: Groups) -> Groups:
    """Any groups."""
    return groups


def shifted(subject: Subject, groups: Groups) -> list[Comparison]:
    """Every score moved by one number."""
    return same(subject.outcome({**groups, "scores": groups["scores"] + SHIFT}), subject.outcome(groups))


def permuted(subject: Subject, groups: Groups) -> list[Comparison]:
    """The first two candidates swapped, and all of them rotated: every other order comes from these two."""
    rotated = np.roll(np.arange(groups["scores"].shape[-1]), 1)
    swapped = np.r_[1, 0, 2 : len(rotated)]
    plain, axis = subject.outcome(groups), groups["scores"].ndim - 1
    comparisons = []
    for order in (swapped, rotated):
        gradient = None if plain.gradient is None else np.take(plain.gradient, order, axis)
        comparisons += same(subject.outcome(reordered(groups, order)), plain._replace(gradient=gradient))
    return comparisons


def tie(groups: Groups) -> Groups:
    """One score per group, which need not be a sum of few powers of two, and a policy that has not moved."""
    scores, log_probs = groups["scores"], groups["log_probs"]
    tied = np.all(scores == scores[..., :1], axis=-1)
    number = np.arange(tied.size).reshape(tied.shape)
    score = np.where(tied, scores[..., 0], np.take(TIES, number, mode="wrap"))
    spread = np.where(tied, 1, np.take(SPREADS, number, mode="wrap"))
    still = dict.fromkeys(log_prob_names(groups), log_probs * _over(spread, log_probs))
    return {**groups, **still, "scores": np.broadcast_to(score[..., None], scores.shape)}


def unmoved(subject: Subject, groups: Groups) -> list[Comparison]:
    """No gradient."""
    gradient = _gradient(subject.outcome(groups))
    return [Comparison("gradient", gradient, np.zeros_like(gradient), exact=True)]


def send_far(groups: Groups) -> Groups:
    """The log-probs below the threshold sent far, in each array its own."""
    return {**groups, **{name: np.where(groups[name] < SENT, FAR, groups[name]) for name in log_prob_names(groups)}}


def finite(subject: Subject, groups: Groups) -> list[Comparison]:
    """No NaN, no infinity."""
    nowhere = np.zeros((), bool)
    return zero_where(subject.outcome(groups), nowhere, nowhere)


def constant(subject: Subject, groups: Groups) -> list[Comparison]:
    """No gradient in data."""
    leaks = subject.leaks(groups).items()
    return [Comparison(f"gradient in {name}", grad, np.zeros_like(grad), exact=True) for name, grad in leaks]


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


def alone(subject: Subject, groups: Groups) -> list[Comparison]:
    """Every second group replaced, then the others: those left in place keep their bits."""
    plain = subject.outcome(groups)
    odd = np.arange(plain.value.size).reshape(plain.value.shape) % 2 == 1
    others = {name: values * 2 - SHIFT if values.dtype.kind == "f" else values for name, values in groups.items()}
    comparisons = []
    for replaced in (odd, ~odd):
        pairs = {name: (values, others[name]) for name, values in groups.items()}
        mixed = {name: np.where(_over(replaced, old), new, old) for name, (old, new) in pairs.items()}
        outcome = subject.outcome(mixed)
        for comparison in same(outcome, plain, exact=True):
            kept = np.where(_over(replaced, comparison.got), comparison.got, comparison.expected)
            comparisons.append(comparison._replace(expected=kept))
    return comparisons


def _over(groups: Array, values: Array) -> Array:
    return groups.reshape(groups.shape + (1,) * (values.ndim - groups.ndim))


def _gradient(outcome: Outcome) -> Array:
    return np.zeros_like(outcome.value) if outcome.gradient is None else outcome.gradient


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "shift": Law(
            DECLARABLE["shift"],
            "Subtract the group's mean, or use tpo.standardize(scores).",
            as_it_is,
            shifted,
        ),
        "permutation": Law(
            DECLARABLE["permutation"],
            "Treat all candidates alike: no index, no order, no first one.",
            as_it_is,
            permuted,
        ),
        "tied": Law(
            DECLARABLE["tied"],
            "Round-off counts too, since Adam and Muon turn it into a full-size update; tpo.TPO leaves none.",
            tie,
            unmoved,
            about_gradients=True,
            in_single_too=True,
        ),
        "finite": Law(
            DECLARABLE["finite"],
            "Clamp log-ratios before exp(), to 20 nats say, and take a log-softmax instead of log(softmax).",
            send_far,
            finite,
            wanted="a finite number",
            in_single_too=True,
        ),
        "constant": Law(
            DECLARABLE["constant"],
            "Stop it, lest a caller passes live log-probs: .detach() in PyTorch, jax.lax.stop_gradient() in JAX.",
            as_it_is,
            constant,
            about_gradients=True,
        ),
        "alone": Law(
            "no group changes what comes of another",
            "Reduce over the last axis only.",
            as_it_is,
            alone,
        ),
    }
)
"""By name. All but `alone` may be broken by design, which `Traits.breaks` declares."""
