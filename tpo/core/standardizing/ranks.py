"""A standardizer that keeps only the order of the scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpo.core.arithmetic.double_word import Pair
from tpo.core.arithmetic.exact import arithmetic_for
from tpo.core.arrays.elementwise import count, mask_or_all, unknown_groups, where_else
from tpo.core.standardizing.standardizer import WithinGroup

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace

SPAN = 2.0
"""The rank of the best candidate after scaling, and minus that of the worst."""


@dataclass(frozen=True, kw_only=True)
class Ranks(WithinGroup):
    """Ranks within the group, evenly spaced from -2 (worst) to 2 (best); tied candidates get the mean of their ranks.

    A candidate gets `2 (b - a) / (n - 1)`, where `b` candidates of its group of `n` score below it and `a` above it. So
    only the order of the scores counts: any strictly increasing function of the scores gives the same bits. All pairs
    of a group are compared, which takes memory that grows with the square of the group size.

    Scores are compared after the cast to the dtype of the computation, so numbers that become equal there are tied, and
    those beyond its range count as infinite.

    Source:
        Choi et al. 2026 (GOPO, arXiv 2602.03876), the rank-based advantage, for scores without ties. The mean rank of
        ties is ours.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.standardize(np.asarray([5.0, -1000.0, 7.0, 5.0, 0.0]), standardizer=tpo.Ranks())
        array([ 0.5, -2. ,  2. ,  0.5, -1. ])
    """

    @property
    def bounded(self) -> bool:
        """True: no rank is beyond 2."""
        return True

    def fast(self, xp: Namespace, scores: Array, mask: Array | None) -> Array:
        """Divide the balance of worse and better candidates, times 2, by the number of others."""
        balance, others = _balance(xp, scores, mask)
        return SPAN * balance / others

    def exact(self, xp: Namespace, scores: Array, mask: Array | None) -> Pair:
        """Divide in double words: the balance and the number of others are whole numbers."""
        balance, others = _balance(xp, scores, mask)
        w = arithmetic_for(xp, scores)
        return w.multiply_word(w.reciprocal(Pair(others, 0 * others)), SPAN * balance)


def _balance(xp: Namespace, scores: Array, mask: Array | None) -> tuple[Array, Array]:
    """How many candidates are worse minus how many are better, `[..., K]`, and the number of others, `[..., 1]`.

    The balance is 0 in masked slots, and NaN in a group with a score that is not finite. The number of others is at
    least 1.
    """
    valid = mask_or_all(xp, mask, scores)
    one, other = scores[..., :, None], scores[..., None, :]
    counts = valid[..., None, :]
    worse, better = (count(xp, counts & compared, scores)[..., 0] for compared in (other < one, other > one))
    balance = where_else(xp, valid, worse - better + unknown_groups(xp, scores, valid), 0.0)
    number = count(xp, valid, scores)
    return balance, where_else(xp, number > 1, number - 1, 1.0)
