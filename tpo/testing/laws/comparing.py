"""The comparisons of the laws: from a loss and posed groups to pairs of results that must be equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.testing.laws.groups import lengthened, reordered
from tpo.testing.laws.outcomes import Comparison, same, zero_where
from tpo.testing.laws.poses import over

if TYPE_CHECKING:
    from tpo.testing.laws.groups import Array, Groups
    from tpo.testing.laws.outcomes import Outcome, Subject

SHIFT = 37.0

LEAST_COSINE = 1e-6
"""Cosines below this count as 0: all candidates are pushed alike, up to round-off."""

COSINE = "cosine of minus the gradient and the centred scores"

PADDING = 2
"""Number of padding tokens appended to completions."""


def shifted(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare with the outcome after a constant was added to all scores."""
    return same(subject.outcome({**groups, "scores": groups["scores"] + SHIFT}), subject.outcome(groups))


def permuted(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare with permuted candidates: a swap and a rotation, which generate all permutations."""
    rotated = np.roll(np.arange(groups["scores"].shape[-1]), 1)
    swapped = np.r_[1, 0, 2 : len(rotated)]
    plain, axis = subject.outcome(groups), groups["scores"].ndim - 1
    comparisons = []
    for order in (swapped, rotated):
        gradient = None if plain.gradient is None else np.take(plain.gradient, order, axis)
        comparisons += same(subject.outcome(reordered(groups, order)), plain._replace(gradient=gradient))
    return comparisons


def unmoved(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare the gradient with exactly 0."""
    gradient = _gradient(subject.outcome(groups))
    return [Comparison("gradient", gradient, np.zeros_like(gradient), exact=True)]


def finite(subject: Subject, groups: Groups) -> list[Comparison]:
    """Check that the outcome has no NaN and no infinity."""
    nowhere = np.zeros((), bool)
    return zero_where(subject.outcome(groups), nowhere, nowhere)


def constant(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare the gradients in data with exactly 0."""
    leaks = subject.leaks(groups).items()
    return [Comparison(f"gradient in {name}", grad, np.zeros_like(grad), exact=True) for name, grad in leaks]


def improved(subject: Subject, groups: Groups) -> list[Comparison]:
    """Check that minus the gradient has a positive inner product with the centred scores, unless scores are tied.

    The inner product is K times the change of the expected score per nat of a small step against the gradient, where
    the expectation under the new policy is over the candidates with normalized importance weights. The cosine is
    compared, which does not depend on the scale of either vector.
    """
    scores = groups["scores"]
    push = -_gradient(subject.outcome(groups)).astype(np.float64).reshape(*scores.shape, -1).sum(axis=-1)
    centred = scores - scores.mean(axis=-1, keepdims=True)
    sizes = np.linalg.norm(push, axis=-1) * np.linalg.norm(centred, axis=-1)
    cosine = np.sum(push * centred, axis=-1) / np.where(sizes == 0, 1, sizes)
    fine = np.all(scores == scores[..., :1], axis=-1) | (cosine > LEAST_COSINE)
    return [Comparison(COSINE, cosine, np.where(fine, cosine, 1.0), exact=True)]


def padded_with_tokens(subject: Subject, groups: Groups) -> list[Comparison]:
    """Compare with the outcome after padding tokens were appended to every completion."""
    plain = subject.outcome(groups)
    if plain.gradient is None:
        return same(subject.outcome(lengthened(groups, PADDING)), plain)
    nothing = [(0, 0)] * (plain.gradient.ndim - 1)
    wider = plain._replace(gradient=np.pad(plain.gradient, [*nothing, (0, PADDING)]))
    return same(subject.outcome(lengthened(groups, PADDING)), wider)


def alone(subject: Subject, groups: Groups) -> list[Comparison]:
    """Replace every second group, some by tied ones, and then the others: unchanged groups must keep their bits."""
    plain = subject.outcome(groups)
    number = np.arange(plain.value.size).reshape(plain.value.shape)
    odd, tied = number % 2 == 1, over(number % 3 == 0, groups["scores"])
    others = {name: _other(values) for name, values in groups.items()}
    others["scores"] = np.where(tied, others["scores"][..., :1], others["scores"])
    comparisons = []
    for replaced in (odd, ~odd):
        pairs = {name: (values, others[name]) for name, values in groups.items()}
        mixed = {name: np.where(over(replaced, old), new, old) for name, (old, new) in pairs.items()}
        outcome = subject.outcome(mixed)
        for comparison in same(outcome, plain, exact=True):
            kept = np.where(over(replaced, comparison.got), comparison.got, comparison.expected)
            comparisons.append(comparison._replace(expected=kept))
    return comparisons


def _other(values: Array) -> Array:
    """Other numbers, or a mask that is true everywhere."""
    return values * 2 - SHIFT if values.dtype.kind == "f" else np.ones_like(values)


def _gradient(outcome: Outcome) -> Array:
    return np.zeros_like(outcome.value) if outcome.gradient is None else outcome.gradient
