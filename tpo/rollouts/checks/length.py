"""Checks of the length of completions: whether scores follow it, and how many were cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.rollouts.checks.base import Verdict, share
from tpo.rollouts.statistics import CERTAIN, correlation, paired, standard_errors, standardized

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

FOLLOWS = 0.8
"""Correlation from which on scores say little more than the length."""

LEANS = 0.3

MOST_CUT_OFF = 0.25
"""Share of completions that were cut off from which on the limit of the length decides what is learned."""


def score_by_length(rollouts: Rollouts, expected: Expected) -> Verdict:
    """The correlation of score and length within groups: both are standardized in their group first."""
    del expected
    lengths = rollouts.columns["length"]
    u = standardized(rollouts, np.where(np.isfinite(lengths), rollouts.scores, np.nan))
    v = standardized(rollouts, np.where(np.isfinite(rollouts.scores), lengths, np.nan))
    # Zeros of tied groups would dilute it.
    informative = (_varies(rollouts, u) & _varies(rollouts, v))[rollouts.groups]
    u, v = np.where(informative, u, np.nan), np.where(informative, v, np.nan)
    found, pairs = correlation(u, v), int(paired(u, v).sum())
    figures = {"within_groups": found, "over_all": correlation(rollouts.scores, lengths), "rows": float(pairs)}
    if np.isnan(found):
        return Verdict(ok=None, detail="no group has both different scores and different lengths", figures=figures)
    said = f"correlation {found:.2f} within groups, {figures['over_all']:.2f} over all ({rollouts.length_unit})"
    certain = abs(standard_errors(found, pairs)) >= CERTAIN
    if certain and abs(found) >= FOLLOWS:
        remedy = "The score is little else than the length: look at what the scorer rewards."
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    if certain and abs(found) >= LEANS:
        towards = "Longer" if found > 0 else "Shorter"
        remedy = f"{towards} completions score higher: see whether that is meant, and watch the length."
        return Verdict(ok=None, detail=said, figures=figures, remedy=remedy)
    return Verdict(ok=True, detail=said, figures=figures)


def cut_off(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Completions that ended at the limit of the length, before their answer."""
    del expected
    values = rollouts.columns["truncated"]
    known = np.isfinite(values)
    cut = values[known] > 0
    figures = {"rows": float(cut.sum()), "share": float(cut.mean()) if cut.size else np.nan}
    if not cut.size:
        return Verdict(ok=None, detail="no row tells", figures=figures)
    said = f"{share(cut.sum(), cut.size, 'completions')} were cut off"
    if figures["share"] >= MOST_CUT_OFF:
        remedy = "Allow longer completions, or mask or penalize those that are cut off (tpo.overlong_penalty)."
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    return Verdict(ok=True, detail=said, figures=figures)


def _varies(rollouts: Rollouts, standard: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`[G]` boolean: whether standardized values, `[N]`, differ within a group."""
    return np.bincount(rollouts.groups, np.nan_to_num(np.abs(standard)), minlength=len(rollouts.names)) > 0
