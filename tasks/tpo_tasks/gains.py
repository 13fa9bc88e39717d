"""Expected first-order gain in the probability of the right class by an update from one guess.

In shapes: S seeds, M images, K classes. Directions are added to the logits: they ascend the reward.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo_tasks.directions import TINY, tilt_of_one_success

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo import Array

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 1.0)
"""Edges of the bins of concentration. The paper's are not published; with these, every bin has images of every seed."""

SURPLUSES = tuple(f"surplus_{number}" for number in range(len(EDGES) - 1))
"""Names of the metrics for the surplus of each bin."""


class Guess(NamedTuple):
    """A policy over classes, and the right classes.

    Attributes:
        xp: The library of the arrays.
        policy: `[S, M, K]`.
        right: `[M, K]` 1 for the right class, 0 for others.
    """

    xp: Any
    policy: Array
    right: Array

    @property
    def p(self) -> Array:
        """The probability of the right class, `[S, M, 1]`."""
        return self.xp.sum(self.policy * self.right, axis=-1, keepdims=True)

    @property
    def baseline(self) -> Array:
        """The probability that two independent guesses agree, `[S, M, 1]`."""
        return self.xp.sum(self.policy * self.policy, axis=-1, keepdims=True)

    def symmetric(self) -> Guess:
        """The policy with the same probability of the right class, and equal probabilities of all wrong ones."""
        wrong = (1 - self.p) / (self.policy.shape[-1] - 1)
        return self._replace(policy=self.right * self.p + (1 - self.right) * wrong)


def direction_of_tpo(guess: Guess) -> Array:
    """Direction of TPO: the mean of `target - policy` over guesses, `[S, M, K]`; only the guess has a nonzero score.

    A right guess contributes `beta (e_y - policy)`, a wrong one `gamma (policy - e_j)`.

    Source:
        Kaddour 2026, appendix C.
    """
    xp, policy, right, p = guess.xp, guess.policy, guess.right, guess.p
    tilt = tilt_of_one_success(policy.shape[-1])
    beta = p * (tilt - 1) / (1 - p + tilt * p)
    weight = (1 - right) * policy * policy * (tilt - 1) / (tilt * (1 - policy) + policy)
    return p * beta * (right - policy) + xp.sum(weight, axis=-1, keepdims=True) * policy - weight


def direction_of_dg(guess: Guess) -> Array:
    """Direction of DG: the mean of the gated update over guesses, `[S, M, K]`, at a temperature of 1.

    Source:
        Kaddour 2026, appendix C.
    """
    xp, policy, right, b = guess.xp, guess.policy, guess.right, guess.baseline
    advantages = right - b
    gate = 1 / (1 + xp.exp(advantages * xp.log(policy + TINY)))
    weights = policy * gate * advantages
    return weights - policy * xp.sum(weights, axis=-1, keepdims=True)


DIRECTIONS: Mapping[str, Callable[[Guess], Array]] = {"tpo": direction_of_tpo, "dg": direction_of_dg}
"""Directions by method."""


def gain(guess: Guess, direction: Array) -> Array:
    """The directional derivative of the probability of the right class along `direction`, `[S, M]`."""
    slope = guess.p * (guess.right - guess.policy)
    rise: Array = guess.xp.sum(slope * direction, axis=-1)
    return rise


def one_vs_rest(guess: Guess, direction_of: Callable[[Guess], Array]) -> Array:
    """The one-vs-rest surrogate of a method's direction, `[S, M, K]`: a multiple of `e_y - policy`.

    The multiple is that of the method's own direction for equally likely wrong classes, at the same probability of the
    right class.
    """
    symmetric, xp = guess.symmetric(), guess.xp
    along = xp.sum(direction_of(symmetric) * guess.right, axis=-1, keepdims=True)
    return along / (1 - guess.p + TINY) * (guess.right - guess.policy)


def surplus(guess: Guess, direction_of: Callable[[Guess], Array]) -> Array:
    """The gain of a method minus that of its one-vs-rest surrogate, `[S, M]`."""
    return gain(guess, direction_of(guess)) - gain(guess, one_vs_rest(guess, direction_of))


def concentration(guess: Guess) -> Array:
    """The share of the likeliest wrong class in the probability of all wrong classes, `[S, M]`."""
    likeliest: Array = guess.xp.max(guess.policy * (1 - guess.right), axis=-1)
    return likeliest / (1 - guess.p[..., 0] + TINY)


def surplus_by_concentration(guess: Guess, direction_of: Callable[[Guess], Array], wrong: Array) -> dict[str, Array]:
    """Mean surplus of a method over the misclassified images of each bin, `[S]`; NaN for bins without any.

    Args:
        guess: The policy on all images.
        direction_of: The method.
        wrong: `[S, M]` boolean: misclassified.
    """
    xp, where, values = guess.xp, concentration(guess), surplus(guess, direction_of)
    measured = {}
    for name, (low, high) in zip(SURPLUSES, pairwise(EDGES), strict=True):
        above = where >= low
        below = where < high if high < EDGES[-1] else xp.ones_like(wrong)
        inside = xp.astype(wrong & above & below, values.dtype)
        measured[name] = xp.sum(inside * values, axis=-1) / xp.sum(inside, axis=-1)
    return measured
