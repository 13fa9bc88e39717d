"""A standardizer that measures scores in units of their group's mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.core.arithmetic.double_word import Pair
from tpo.core.arithmetic.exact import arithmetic_for, deviations, in_score_units
from tpo.core.arithmetic.fast import centre, clamped, shrinking
from tpo.core.arrays.elementwise import mask_or_all, mean, where_else
from tpo.core.standardizing.standardizer import Standardizer

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace


@dataclass(frozen=True, kw_only=True)
class MeanScaled(Standardizer):
    """Scores minus the mean of their group, divided by that mean: 0 where the mean is not positive.

    For scores of 0 and 1 the mean is the success rate, so that rare successes weigh more. Scores should not be
    negative: where negative ones nearly cancel the others, the quotient is large. A shift of all scores changes the
    result.

    Source:
        Tajwar et al. 2026 (MaxRL, arXiv 2602.02710), whose advantages these are; as the temperature `mu` of Listwise
        Policy Optimization (arXiv 2605.06139).

    Example:
        >>> import numpy as np, tpo
        >>> tpo.standardize(np.asarray([1.0, 0.0, 0.0, 0.0]), standardizer=tpo.MeanScaled())
        array([ 3., -1., -1., -1.])
    """

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Divide by the mean, by the plain formula `over_mean`."""
        return over_mean(xp, scores, scores, mask)

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Divide in double words: `n (x - mean)` by the sum of the scores."""
        w = arithmetic_for(xp, scores)
        found = deviations(w, scores, mask)
        scores = xp.where(found.members.valid, scores, w.zero)
        largest = xp.max(xp.abs(scores), axis=-1, keepdims=True)
        exponent = w.normalizer(largest)
        power = w.power_of_two(exponent)
        scaled = scores * power
        total = w.total(Pair(scaled, 0 * scaled), largest * power, found.members.power)
        fails = total.high <= 0  # false for NaN, which must stay visible in the result
        shares = in_score_units(w, found, w.choose(~fails, total, w.one), -exponent)
        return w.choose(found.untied & found.members.valid & ~fails, shares, w.zero)


def over_mean(xp: Namespace, scores: Array, shifted: Array, mask: Array | None) -> Array:
    """Centred scores divided by their group's mean, `[..., K]`; 0 where the mean is not positive.

    Args:
        xp: The library of the arrays.
        scores: `[..., K]` floating, at least float32, constant: what the mean is taken of.
        shifted: `[..., K]` the same scores up to a shift per group: what is centred.
        mask: `[..., K]` boolean, or `None` for everywhere.
    """
    slots = mask_or_all(xp, mask, scores)
    shrink = shrinking(xp, scores, mask)
    average = mean(xp, scores * shrink, slots)[..., None]
    fails = average <= 0  # false for NaN, which must stay visible in the result
    shares = centre(xp, shifted * shrink, mask) / where_else(xp, ~fails, average, 1.0)
    return where_else(xp, ~fails, clamped(xp, shares), 0.0)
