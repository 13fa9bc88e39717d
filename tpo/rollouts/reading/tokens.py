"""Log-probs of a row as a few numbers: sums, counts of what cannot be, and ratios between two of them."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tpo.core.arithmetic.limits import LOG_RATIO_BOUND
from tpo.rollouts.reading.values import number, numbers

POSITIVE = 0.01
"""The largest possible log-prob, in nats: in half precision, 0 may come out a little larger."""

NEAR = math.log(2)
"""The largest `abs(log r)` of a usual ratio r of tokens: from 1/2 to 2."""


class Summed(NamedTuple):
    """Log-probs of a row as numbers.

    Attributes:
        total: Their sum in nats; NaN if one is missing.
        tokens: How many there are; NaN for a whole completion.
        positive: How many are above 0.
        impossible: How many are not finite.
    """

    total: float
    tokens: float
    positive: float
    impossible: float


class Mismatch(NamedTuple):
    """The trainer's log-probs beside those of the engine that sampled, over the tokens where both are finite.

    Attributes:
        tokens: The number of these tokens.
        divergence: The sum of `r - 1 - log r` with the ratio r of trainer to engine, whose mean estimates
            KL(engine || trainer) in nats.
        far: The number of ratios outside [1/2, 2].
        largest: The largest `abs(log r)`.

    Source:
        The estimator is k3 of Schulman 2020, "Approximating KL divergence".
    """

    tokens: float
    divergence: float
    far: float
    largest: float


def log_probs_of(value: Any, mask: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    """Log-probs as an array in nats: `[T]` of tokens, `[]` of a whole completion; NaN for what is missing.

    Args:
        value: A number, a list of numbers, or `None`.
        mask: `[T]` boolean, false for tokens to be left out; or `None`.

    Raises:
        ValueError: It is something else, or the mask has another length.
    """
    if not isinstance(value, list):
        return np.asarray(number(value))
    found = numbers(value)
    if mask is None:
        return found
    if len(mask) != len(found):
        raise ValueError(f"{len(found)} log-probs with a mask of {len(mask)} tokens")
    kept: np.ndarray[Any, Any] = found[mask]
    return kept


def mask_of(value: Any) -> np.ndarray[Any, Any] | None:
    """A mask of tokens as an array, `[T]` boolean, from a list of 0 and 1; `None` for `None`.

    Raises:
        ValueError: It is something else.
    """
    if value is None:
        return None
    found = numbers(value)
    if not np.isin(found, (0, 1)).all():
        raise ValueError("a mask with other numbers than 0 and 1")
    counted: np.ndarray[Any, Any] = found == 1
    return counted


def summed(log_probs: np.ndarray[Any, Any]) -> Summed:
    """Sum log-probs `[T]` or `[]`, and count what cannot be in them."""
    finite = np.isfinite(log_probs)
    return Summed(
        total=float(log_probs.sum()) if finite.all() else math.nan,
        tokens=float(log_probs.size) if log_probs.ndim else math.nan,
        positive=float((log_probs[finite] > POSITIVE).sum()),
        impossible=float(log_probs.size - finite.sum()),
    )


def mismatch(old: np.ndarray[Any, Any], rollout: np.ndarray[Any, Any]) -> Mismatch:
    """Compare the trainer's log-probs `[T]` with the engine's; NaN if lengths differ, or for whole completions."""
    if not old.ndim or old.shape != rollout.shape:
        return Mismatch(math.nan, math.nan, math.nan, math.nan)
    known = np.isfinite(old) & np.isfinite(rollout)
    moved = old[known] - rollout[known]
    bounded = np.clip(moved, -LOG_RATIO_BOUND, LOG_RATIO_BOUND)
    return Mismatch(
        tokens=float(moved.size),
        divergence=float((np.expm1(bounded) - bounded).sum()),
        far=float((np.abs(moved) > NEAR).sum()),
        largest=float(np.abs(moved).max(initial=0.0)),
    )
