"""A check of the old policy over the group: how many candidates it spreads over, under each anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.core.diagnostics import least_effective_size
from tpo.rollouts.checks.base import Verdict
from tpo.rollouts.statistics import ANCHOR_CHOICES, effective_sizes

if TYPE_CHECKING:
    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts
    from tpo.rollouts.statistics import AnchorChoice


def effective_size(rollouts: Rollouts, expected: Expected) -> Verdict:
    """The median effective sample size of p_old under each anchor, `1 / sum(p_old**2)`, from 1 to K."""
    del expected
    found = {choice: effective_sizes(rollouts, choice) for choice in possible_choices(rollouts)}
    figures = {choice.label: median(sizes) for choice, (sizes, _) in found.items()}
    candidates = median(found[ANCHOR_CHOICES[0]][1])
    figures["candidates"] = candidates
    if np.isnan(candidates):
        return Verdict(ok=None, detail="no group has two known log-probs", figures=figures)
    values = ", ".join(f"{figures[choice.label]:.3g} ({choice.label})" for choice in found)
    said = f"of {candidates:.3g} candidates, in the median group: {values}"
    if spreads(*found[ANCHOR_CHOICES[0]]):
        return Verdict(ok=True, detail=said, figures=figures)
    least = float(least_effective_size(candidates))
    remedy = (
        f"Summed log-probs need an effective sample size of {least:.3g} here: the target stays at the likeliest "
        "completion, whatever the scores say. Use anchor=ratio; see the recommendations."
    )
    return Verdict(ok=None, detail=said, figures=figures, remedy=remedy)


def spreads(sizes: np.ndarray[Any, Any], candidates: np.ndarray[Any, Any]) -> bool:
    """Whether at least half of the groups have an effective sample size that they can learn from.

    Args:
        sizes: `[G]` effective sample sizes, NaN where not known.
        candidates: `[G]`, how many candidates there are.
    """
    known = np.isfinite(sizes)
    return bool((sizes[known] < least_effective_size(candidates[known])).sum() <= known.sum() / 2)


def possible_choices(rollouts: Rollouts) -> list[AnchorChoice]:
    """The anchors that can be computed: dividing by a length needs lengths."""
    return [choice for choice in ANCHOR_CHOICES if not choice.length_exponent or "length" in rollouts.available]


def median(values: np.ndarray[Any, Any]) -> float:
    """The median of the values that are not NaN; NaN without any."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else np.nan
