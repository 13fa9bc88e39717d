"""The logarithm of the target, which stays finite where the target itself rounds to 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.anchors import anchoring
from tpo.core.arithmetic.limits import divided
from tpo.core.arrays.elementwise import where_else
from tpo.core.arrays.neutral_ops import floor_of
from tpo.core.loss import valid_candidates
from tpo.core.losses.temperature import below_best
from tpo.core.standardizing.standardize import standardize

if TYPE_CHECKING:
    from tpo.core.anchors import Anchor
    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.standardizing.standardizer import Standardizer


def log_target(group: Group, eta: float, anchor: Anchor, standardizer: Standardizer, precision: Precision) -> Array:
    """`log q` up to a constant per group: the old log-probs, where the anchor has them, plus `u / eta`.

    Args:
        group: Scored candidates.
        eta: Temperature, above 0.
        anchor: As for `target`.
        standardizer: As for `target`.
        precision: Of the standardized scores; the rest is computed in the dtype of the group.

    Returns:
        `[..., K]` in nats, in the dtype of the group: finite, and 0 for candidates that are masked or were impossible.
        For tied groups it is the old log-probs, or 0, exactly.
    """
    _, xp = group.library()
    valid = valid_candidates(group)
    scores = group.relative_scores(standardizer.shift_axes)
    u = standardize(scores, mask=group.mask, standardizer=standardizer, precision=precision)
    tilt = divided(xp, below_best(xp, u, valid), eta)
    tilt = xp.maximum(tilt, xp.full_like(tilt, floor_of(xp, tilt)))
    prior = where_else(xp, valid & anchoring(anchor).tilts_old_policy, group.old_log_probs, 0.0)
    return where_else(xp, valid, prior + tilt, 0.0)
