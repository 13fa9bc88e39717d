"""The oracle: standardized scores and targets computed with 50 digits from the exact input numbers.

A result is two words: float64 arrays `high` and `low` whose sum is the number to some 30 digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import mpmath
import numpy as np
from mpmath import mp, mpf

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, Any]

DIGITS = 50
NEGLIGIBLE = -2000
"""Exponents this far below the largest are negligible at any number of digits that is compared."""


class Words(NamedTuple):
    """High-precision numbers as sums `high + low`.

    Attributes:
        high: `[..., K]` float64, nearest to the number.
        low: `[..., K]` float64, the remainder.
    """

    high: Array
    low: Array


def standardize(scores: Array, mask: Array | None = None) -> Words:
    """Compute the z-scores of groups.

    Args:
        scores: `[groups, K]` floating.
        mask: `[groups, K]` boolean; default: everywhere.

    Source:
        Kaddour 2026, appendix A, equation 5.
    """
    with mp.workdps(DIGITS):
        return _words([_standardized(*group) for group in zip(scores, _valid(scores, mask), strict=True)])


def target(log_probs: Array, scores: Array, eta: float, mask: Array | None = None) -> Words:
    """Compute the targets of groups.

    Args:
        log_probs: `[groups, K]` floating, `-inf` for an impossible candidate.
        scores: `[groups, K]` floating.
        eta: Temperature, as the exact value of the float.
        mask: `[groups, K]` boolean; default: everywhere.

    Source:
        Kaddour 2026, equation 2.
    """
    return targets(log_probs, scores, (eta,), mask)[0]


def targets(log_probs: Array, scores: Array, etas: Sequence[float], mask: Array | None = None) -> list[Words]:
    """Compute targets at several temperatures from one set of z-scores."""
    with mp.workdps(DIGITS):
        found: list[list[list[Any]]] = [[] for _ in etas]
        for x, s, valid in zip(log_probs, scores, _valid(scores, mask), strict=True):
            u, exponents = _standardized(s, valid), _log_masses(x, valid)
            for eta, shares in zip(etas, found, strict=True):
                shares.append(_target(exponents, u, mpf(eta)))
        return [_words(shares) for shares in found]


def _valid(scores: Array, mask: Array | None) -> Array:
    return np.ones(scores.shape, bool) if mask is None else mask


def _standardized(scores: Array, valid: Array) -> list[Any]:
    """Z-scores of one group; 0 if it is tied, and in masked slots."""
    members = [mpf(float(score)) for score in scores[valid]]
    if not members or max(members) == min(members):
        return [mpf(0)] * len(scores)
    mean = mpmath.fsum(members) / len(members)
    centred = [score - mean for score in members]
    deviation = mpmath.sqrt(mpmath.fsum(c * c for c in centred) / len(members))
    standardized = iter([c / deviation for c in centred])
    return [next(standardized) if is_member else mpf(0) for is_member in valid]


def _log_masses(log_probs: Array, valid: Array) -> list[Any]:
    """Log-probs of one group in high precision; `None` without a possible candidate."""
    possible = valid & ~np.isneginf(log_probs)
    return [mpf(float(x)) if p else None for x, p in zip(log_probs, possible, strict=True)]


def _target(log_masses: list[Any], u: list[Any], eta: Any) -> list[Any]:
    """Equation 2 for one group; all 0 without a possible candidate."""
    exponents = [None if x is None else x + v / eta for x, v in zip(log_masses, u, strict=True)]
    top = max((x for x in exponents if x is not None), default=mpf(0))
    masses = [mpf(0) if x is None or x - top < NEGLIGIBLE else mpmath.exp(x - top) for x in exponents]
    total = mpmath.fsum(masses) or mpf(1)
    return [mass / total for mass in masses]


def _words(exact: list[list[Any]]) -> Words:
    high = [[float(x) for x in row] for row in exact]
    low = [[float(x - mpf(h)) for x, h in zip(row, highs, strict=True)] for row, highs in zip(exact, high, strict=True)]
    return Words(np.asarray(high, dtype=float), np.asarray(low, dtype=float))
