"""A check for rows that are there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.rollouts.checks.base import Verdict, share
from tpo.rollouts.reading.fields import LOG_PROBS

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

UNLIKELY = -20.0
"""Log-prob of a completion, in nats, below which it is hardly ever sampled twice: a probability of 2e-9."""

COMPARED = ("completion", "score", *LOG_PROBS)

HALF = 0.5

REMEDY = (
    "Rows were gathered or written several times, as from ranks of one data-parallel group (sequence, context or "
    "tensor parallelism): gather over data-parallel ranks alone."
)


def doubled(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Completions that equal another one of their group in text, score and log-probs.

    Short completions are sampled twice by chance, so equal rows alone are no fault. They are one if their log-prob is
    below `UNLIKELY`, or if in most groups each of several different rows occurs equally often.
    """
    del expected
    alike = _alike(rollouts)
    counts = np.bincount(alike)
    again = counts[alike] > 1
    unlikely = _unlikely(rollouts) & again
    multiplied = _multiplied(rollouts, alike, counts)
    figures = {
        "rows": float(again.sum()),
        "unlikely": float(unlikely.sum()),
        "multiplied_groups": float(multiplied.sum()),
    }
    said = f"{share(again.sum(), len(again), 'rows')} equal another of their group"
    if multiplied.mean() > HALF:
        found = f"{share(multiplied.sum(), len(multiplied), 'groups')} have each of their rows equally often"
        return Verdict(ok=False, detail=f"{said}: {found}", figures=figures, remedy=REMEDY)
    if unlikely.any():
        found = f"{unlikely.sum():,} of them too unlikely to be sampled twice (log-prob below {UNLIKELY:g})"
        return Verdict(ok=False, detail=f"{said}, {found}", figures=figures, remedy=REMEDY)
    if again.any():
        return Verdict(ok=None, detail=f"{said}, as short completions do by chance", figures=figures)
    return Verdict(ok=True, detail="no row equals another of its group", figures=figures)


def _alike(rollouts: Rollouts) -> np.ndarray[Any, Any]:
    """`[N]` int64, equal numbers for equal rows of one group."""
    columns = [rollouts.columns[name] for name in COMPARED if name in rollouts.columns]
    # NaN equals itself in what `numpy.unique` compares once it is a number like others.
    rows = np.stack([rollouts.groups, *(np.nan_to_num(column, nan=np.inf) for column in columns)])
    return np.unique(rows, axis=1, return_inverse=True)[1].reshape(-1)


def _unlikely(rollouts: Rollouts) -> np.ndarray[Any, Any]:
    """`[N]` boolean: whether any of its log-probs says that this completion is hardly ever sampled twice."""
    found = np.zeros(len(rollouts.groups), bool)
    for name in LOG_PROBS:
        if name in rollouts.columns:
            found |= rollouts.columns[name] < UNLIKELY
    return found


def _multiplied(rollouts: Rollouts, alike: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`[G]` boolean: whether each row of a group occurs equally often, at least twice, and not all are equal."""
    lowest, highest = np.full(len(rollouts.names), np.inf), np.zeros(len(rollouts.names))
    np.minimum.at(lowest, rollouts.groups, counts[alike])
    np.maximum.at(highest, rollouts.groups, counts[alike])
    multiplied: np.ndarray[Any, Any] = (lowest > 1) & (lowest == highest) & (highest < rollouts.sizes)
    return multiplied
