"""Settings of TPO that follow from rollouts, each with the figure that led to it; none without evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tpo.rollouts.checks.base import percent
from tpo.rollouts.checks.policy import median, possible_choices, spreads
from tpo.rollouts.checks.scores import ceiled, near_ties
from tpo.rollouts.statistics import ANCHOR_CHOICES, effective_sizes, effective_sizes_of_ratios, moved_mass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tpo.rollouts.checks.base import Expected
    from tpo.rollouts.rollouts import Rollouts
    from tpo.rollouts.statistics import AnchorChoice

EXPONENTS = (0.0, 0.5, 1.0)

ETAS = (1.0, 2.0, 4.0, 8.0)

MOST_MOVED = 0.9
"""Mass that a target may move: beyond it, nearly all of it lies on one completion that was unlikely."""

PAPER, RATIO = ANCHOR_CHOICES[0], ANCHOR_CHOICES[-1]


@dataclass(frozen=True)
class Recommendation:
    """A setting that follows from the rollouts.

    Attributes:
        setting: Its name: of `tpo.TPO` (`anchor`, `eta`), or of an adapter's `tpo` section (these, and
            `length_exponent` and `tie_tolerance`).
        value: Its value.
        reason: The figure that led to it.
    """

    setting: str
    value: str | float
    reason: str


def recommend(rollouts: Rollouts, expected: Expected) -> Iterator[Recommendation]:
    """Yield the settings that the rollouts give reason for."""
    for rule in RULES:
        yield from rule(rollouts, expected)


def anchor(rollouts: Rollouts, expected: Expected) -> Iterator[Recommendation]:
    """The paper's anchor if the old policy spreads over its candidates; `ratio` if it does not."""
    del expected
    if not _knows_old_policy(rollouts):
        return
    sizes, candidates = effective_sizes(rollouts, PAPER)
    said = (
        f"the effective sample size of p_old with summed log-probs is {median(sizes):.3g} of {median(candidates):.3g}"
    )
    if spreads(sizes, candidates):
        yield Recommendation("anchor", PAPER.anchor, f"{said}, enough for the paper's anchor")
        return
    means = [choice for choice in possible_choices(rollouts) if choice.length_exponent]
    enough = next((choice for choice in means if spreads(*effective_sizes(rollouts, choice))), None)
    other = ""
    if enough is not None:
        size = median(effective_sizes(rollouts, enough)[0])
        other = f"; or anchor=policy with length_exponent={enough.length_exponent:g}, which has {size:.3g}"
    yield Recommendation("anchor", RATIO.anchor, f"{said}, too little{other}")


def length_exponent(rollouts: Rollouts, expected: Expected) -> Iterator[Recommendation]:
    """The smallest exponent with which the current ratios spread over the candidates, for the anchor `ratio`.

    If they spread with none, the largest exponent, with which they spread most; the reason says so.
    """
    del expected
    if not _knows_old_policy(rollouts) or not {"new_log_probs", "length"} <= rollouts.available:
        return
    if spreads(*effective_sizes(rollouts, PAPER)):
        return
    found = {exponent: effective_sizes_of_ratios(rollouts, exponent) for exponent in EXPONENTS}
    if not np.isfinite(found[0.0][0]).any():
        return
    enough = next((exponent for exponent, sizes in found.items() if spreads(*sizes)), None)
    best = EXPONENTS[-1] if enough is None else enough
    whole = f"{median(found[0.0][0]):.3g} of {median(found[0.0][1]):.3g}"
    said = f"the ratios of whole completions have an effective sample size of {whole}"
    if best:
        said += f"; divided by length ** {best:g}, of {median(found[best][0]):.3g}"
    if enough is None:
        said += ", still too little, but the most there is"
    yield Recommendation("length_exponent", best, said)


def eta(rollouts: Rollouts, expected: Expected) -> Iterator[Recommendation]:
    """The paper's temperature, or the smallest of `ETAS` at which the target does not move nearly all of its mass.

    If it does at all of them, the largest, at which it moves least; the reason says so.
    """
    del expected
    choice = _anchor_of_target(rollouts)
    if choice is None or "groups" not in rollouts.available:
        return
    moved: dict[float, float] = {}
    for value in ETAS:
        moved[value] = median(moved_mass(rollouts, choice, value))
        if not moved[value] > MOST_MOVED:
            break
    best = max(moved)
    if np.isnan(moved[best]):
        return
    said = f"with anchor={choice.anchor}, the target of the median untied group moves {moved[best]:.2f} of the mass"
    if best != ETAS[0]:
        said += f"; at {ETAS[0]:g}, the paper's, {moved[ETAS[0]]:.2f}"
    if moved[best] > MOST_MOVED:
        said += "; that is still nearly all, and no higher temperature was tried"
    yield Recommendation("eta", best, said)


def tie_tolerance(rollouts: Rollouts, expected: Expected) -> Iterator[Recommendation]:
    """A tolerance that makes ties of nearly tied groups, if there are any, and others that keep their signal."""
    if "groups" not in rollouts.available:
        return
    figures = near_ties(rollouts, expected).figures
    if figures["share"] and not figures["all_untied"]:
        said = f"the scores of {percent(figures['share'])} of the groups span at most {figures['largest_span']:.3g}"
        yield Recommendation("tie_tolerance", ceiled(figures["largest_span"]), said)


RULES: tuple[Callable[[Rollouts, Expected], Iterator[Recommendation]], ...] = (
    anchor,
    length_exponent,
    eta,
    tie_tolerance,
)
"""The rules, in the order of the report."""


def _knows_old_policy(rollouts: Rollouts) -> bool:
    known = {"groups", "old_log_probs"} <= rollouts.available
    return known and bool(np.isfinite(effective_sizes(rollouts, PAPER)[0]).any())


def _anchor_of_target(rollouts: Rollouts) -> AnchorChoice | None:
    """The recommended anchor; `None` without evidence."""
    if not _knows_old_policy(rollouts):
        return None
    return PAPER if spreads(*effective_sizes(rollouts, PAPER)) else RATIO
