"""A check of groups and scores against the advantages that the trainer computed from its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tpo.rollouts.checks.base import Verdict, share
from tpo.rollouts.statistics import standardized

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

CLOSE = 0.05
"""Difference of two z-scores that rounding explains."""


def advantages(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Whether advantages are scores up to a shift and a factor per group, as in GRPO, Dr.GRPO and RLOO.

    Both are standardized within their group, which removes shift and factor.
    """
    del expected
    given = rollouts.columns["advantage"]
    known = np.isfinite(given) & np.isfinite(rollouts.scores)
    u, v = (standardized(rollouts, np.where(known, values, np.nan)) for values in (rollouts.scores, given))
    differs = np.zeros(len(rollouts.names), bool)
    # Advantages of a tied group may have the sign of rounding.
    differs[rollouts.groups[known & (np.abs(u - v) > CLOSE) & (u != 0)]] = True
    compared = np.unique(rollouts.groups[known & (u != 0)])
    figures = {"groups": float(differs.sum()), "compared": float(len(compared))}
    if not len(compared):
        return Verdict(ok=None, detail="no group has different scores", figures=figures)
    if not differs.any():
        said = f"the scores of {len(compared):,} groups give the trainer's advantages"
        return Verdict(ok=True, detail=said, figures=figures)
    said = f"the scores of {share(differs.sum(), len(compared), 'groups')} do not give the trainer's advantages"
    remedy = (
        "Groups or scores may not be those that the trainer used: look at the columns and their weights (--group, "
        "--score NAME=WEIGHT), and leave out those that are no rewards, such as what TRL logs by log_extra (--ignore "
        "COLUMN). Advantages that are made otherwise, such as per reward or with a critic, always differ."
    )
    return Verdict(ok=None, detail=said, figures=figures, remedy=remedy)
