"""Preference-based Maximum a Posteriori Policy Optimization (PMPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arrays.elementwise import count, unknown_groups
from tpo.core.checks.check_group import check_group
from tpo.core.loss import valid_candidates
from tpo.core.losses.acceptance import THRESHOLDS, above_and_below
from tpo.core.losses.likelihood import fit_weighted, weighted
from tpo.core.options import check_not_negative, check_number, plain_options
from tpo.errors import InvalidArgumentError, look_up

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.acceptance import Threshold
    from tpo.core.losses.likelihood import Weighted


@dataclass(frozen=True, kw_only=True)
class PMPO:
    """Raise accepted candidates, lower rejected ones, stay close to a reference.

    `-alpha · mean(log_probs of accepted) + (1 - alpha) · mean(log_probs of rejected) + beta · KL(ref || policy)`.
    Candidates that score above the group's threshold are accepted, candidates below are rejected, and ties with the
    threshold are neither. The divergence is estimated as if the candidates were samples of the reference. The
    reference is the group's `ref_log_probs`, or the old policy without them.

    Attributes:
        alpha: Weight of the accepted candidates, from 0 (learn from rejected ones alone) to 1.
        beta: Weight of the penalty, per nat; 0 switches it off. It must be large where `alpha` is small.
        threshold: `mean` or `median` of the group's scores.

    Raises:
        InvalidArgumentError: `alpha` is not from 0 to 1, or `beta` is negative.
        UnknownNameError: `threshold` is unknown.

    Source:
        Abdolmaleki et al. 2024 (arXiv 2410.04166), the objective for both kinds of feedback. It tunes `alpha` and
        `beta` per task; the defaults are those of Hafner et al. 2025 (Dreamer 4), equation 11.
    """

    alpha: float = 0.5
    beta: float = 0.3
    threshold: Threshold = "mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="weighted likelihood + KL to the reference", compares_candidates=True, fixed_reference=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_number("alpha", self.alpha, "The usual value is 0.5.")
        if not 0 <= self.alpha <= 1:
            message = f"`alpha` must be from 0 to 1; got {self.alpha}. 0.5 weighs both kinds of feedback alike."
            raise InvalidArgumentError(message)
        check_not_negative(beta=self.beta)
        look_up("threshold", self.threshold, THRESHOLDS)

    def prepare(self, group: Group) -> Weighted:
        """Positive weights for accepted candidates, negative weights for rejected ones."""
        check_group(group, self)
        _, xp = group.library()
        scores, valid = group.relative_scores(), valid_candidates(group)
        accepted, rejected = above_and_below(xp, scores, valid, self.threshold)
        of_accepted, of_rejected = (_shares(xp, chosen, group.scores) for chosen in (accepted, rejected))
        weights = self.alpha * of_accepted - (1 - self.alpha) * of_rejected
        return weighted(group, weights + unknown_groups(xp, scores, valid), group.reference())

    def loss(self, log_probs: Array, signal: Weighted) -> Loss:
        """The penalised weighted likelihood, `[...]`; each group weighs 1."""
        return fit_weighted(log_probs, signal, self.beta)


def _shares(xp: Namespace, chosen: Array, like: Array) -> Array:
    """Equal shares of 1 for the `chosen` candidates of each group, `[..., K]`; 0 for the others."""
    number = count(xp, chosen, like)
    return xp.astype(chosen, like.dtype) / xp.maximum(number, xp.ones_like(number))
