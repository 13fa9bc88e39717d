"""Standardized scores and targets with 50 digits, from the very numbers that are given."""

from __future__ import annotations

import math

import mpmath
import numpy as np
from mpmath import mp, mpf

DIGITS = 50
NEGLIGIBLE = -2000
"""Exponents this far below the largest weigh nothing, with any number of digits that is compared."""


def standardized(scores: list[mpf]) -> list[mpf]:
    """Exact z-scores; 0 for a tied group."""
    if max(scores) == min(scores):
        return [mpf(0)] * len(scores)
    mean = mpmath.fsum(scores) / len(scores)
    centred = [score - mean for score in scores]
    deviation = mpmath.sqrt(mpmath.fsum(c * c for c in centred) / len(scores))
    return [c / deviation for c in centred]


def target_of_group(log_probs: np.ndarray, scores: np.ndarray, eta: float) -> list[mpf]:
    """Equation 2 for one group."""
    u = standardized([mpf(float(score)) for score in scores])
    possible = [not math.isinf(x) for x in log_probs]
    exponents = [mpf(float(x)) + v / mpf(eta) if p else None for x, v, p in zip(log_probs, u, possible, strict=True)]
    top = max(x for x in exponents if x is not None)
    masses = [mpf(0) if x is None or x - top < NEGLIGIBLE else mpmath.exp(x - top) for x in exponents]
    total = mpmath.fsum(masses)
    return [mass / total for mass in masses]


def _two_words(exact: list[list[mpf]]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as the sum of two float64 arrays, high and low."""
    high = [[float(x) for x in row] for row in exact]
    low = [[float(x - mpf(h)) for x, h in zip(row, highs, strict=True)] for row, highs in zip(exact, high, strict=True)]
    return np.asarray(high), np.asarray(low)


def standardize(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact z-scores of groups `[groups, K]`, as the sum of two float64 arrays."""
    with mp.workdps(DIGITS):
        return _two_words([standardized([mpf(float(score)) for score in group]) for group in scores])


def target(log_probs: np.ndarray, scores: np.ndarray, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """Equation 2 for groups `[groups, K]`, as the sum of two float64 arrays."""
    with mp.workdps(DIGITS):
        return _two_words([target_of_group(x, s, eta) for x, s in zip(log_probs, scores, strict=True)])
