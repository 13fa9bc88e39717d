"""Checks of scores: whether they are there, and whether groups have something to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.rollouts.checks.base import Verdict, percent, share
from tpo.rollouts.statistics import of_groups, spans

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts

MOST_TIED = 0.9
"""Share of tied groups from which on a rollout is nearly wasted."""

MOST_NEAR_TIED = 0.05
"""Share of nearly tied groups from which on they are no accident."""

ROUND_OFF = 1e-6
"""Scores that differ by less than this, relative to the largest, differ by rounding alone: float32 has 6e-8."""


def missing_scores(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Scores that are NaN, null, infinite or beyond 1e100: one of them makes its whole group NaN."""
    del expected
    wrong = ~np.isfinite(rollouts.scores)
    hit = np.unique(rollouts.groups[wrong])
    figures = {"rows": float(wrong.sum()), "groups": float(len(hit))}
    if not wrong.any():
        return Verdict(ok=True, detail=f"all {len(wrong):,} scores are finite", figures=figures)
    said = f"{share(wrong.sum(), len(wrong), 'scores')} are NaN, null, infinite or beyond 1e100, in {len(hit):,} groups"
    remedy = 'Repair the scorer, or leave such rows out of their groups: tpo.Group(..., nan="mask").'
    return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)


def tied_groups(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Groups whose scores are all equal, which have no signal, and how many of them failed or succeeded altogether."""
    found = of_groups(rollouts, expected)
    several = found["candidates"] > 1
    total = int(several.sum())
    names = ("tied", "all_fail", "all_pass")
    figures = {name: float(found[name][several].mean()) if total else np.nan for name in names}
    if not total:
        return Verdict(ok=None, detail="no group has two scores to compare", figures=figures)
    said = (
        f"{percent(figures['tied'])} of {total:,} groups are tied; in {percent(figures['all_fail'])} none is above "
        f"{expected.fail:g}, in {percent(figures['all_pass'])} none is below {expected.succeed:g}"
    )
    if figures["tied"] >= MOST_TIED:
        remedy = "Few groups have a signal: choose problems that are sometimes solved, or look at the scorer."
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    return Verdict(ok=True, detail=said, figures=figures)


def near_ties(rollouts: Rollouts, expected: Expected) -> Verdict:
    """Groups whose scores hardly differ: standardizing makes a full-size signal of the difference."""
    span = spans(rollouts)
    near = of_groups(rollouts, expected)["near_tied"] == 1
    scale = np.zeros(len(span))
    np.maximum.at(scale, rollouts.groups, np.nan_to_num(np.abs(rollouts.scores), nan=0.0, posinf=0.0, neginf=0.0))
    # Whole numbers have no round-off.
    noise = (span > 0) & (span <= ROUND_OFF * scale) & (not _whole(rollouts.scores))
    either = near | noise
    figures = {
        "share": float(either.mean()),
        "round_off": float(noise.mean()),
        "largest_span": float(span[either].max(initial=0.0)),
        "all_untied": float(either.any() and not (span[~either] > 0).any()),
    }
    if not either.any():
        return Verdict(ok=True, detail=f"no group's scores differ by {expected.near:g} or less", figures=figures)
    said = (
        f"the scores of {share(either.sum(), len(either), 'groups')} differ, but by no more than "
        f"{figures['largest_span']:.3g}"
    )
    if noise.any():
        said += f", in {noise.sum():,} of them by rounding alone"
    serious = noise.any() or figures["share"] >= MOST_NEAR_TIED
    if figures["all_untied"] and not noise.any():
        remedy = "No group differs by more: scale the scores, or set --near lower."
        return Verdict(ok=False, detail=said, figures=figures, remedy=remedy)
    remedy = (
        f"Let them count as tied: tie_tolerance={ceiled(figures['largest_span']):g}. If such "
        "differences are meaningful, set --near lower."
    )
    return Verdict(ok=False if serious else None, detail=said, figures=figures, remedy=remedy)


def _whole(scores: np.ndarray[Any, Any]) -> bool:
    """Whether all finite scores are whole numbers."""
    known = scores[np.isfinite(scores)]
    return bool((known == np.floor(known)).all())


def ceiled(number: float) -> float:
    """Round a positive number up to two digits.

    Example:
        >>> ceiled(0.01), ceiled(0.010001), ceiled(0.0)
        (0.01, 0.011, 0.0)
    """
    if not number:
        return 0.0
    rounded = float(f"{number:.1e}")
    digit = 10.0 ** (np.floor(np.log10(number)) - 1)
    return rounded if rounded >= number else float(f"{rounded + digit:.1e}")
