"""REINFORCE with a mean baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.advantages import centred_advantages
from tpo.core.algorithms.base import Traits
from tpo.core.group import check_group_size
from tpo.core.loss import sum_over_candidates
from tpo.core.ops import unify, where_else

if TYPE_CHECKING:
    from tpo.core.advantages import Advantages
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.ops import Array


@dataclass(frozen=True, kw_only=True)
class REINFORCE:
    """The score-function estimator `-A · log_probs`, with `A` the score minus the group's mean.

    For REINFORCE the group is the batch (the `batch` grouping). Averaged over candidates.

    Source:
        Williams 1992; the batch-mean baseline is that of Kaddour 2026's experiments.
    """

    traits: ClassVar[Traits] = Traits(update_rule="PG + baseline", compares_candidates=False)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages."""
        check_group_size(group.size, self.traits.min_group_size, "REINFORCE")
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`, each group weighing its number of candidates."""
        ops, (log_probs, *_) = unify(log_probs=log_probs, advantages=signal.advantages)
        xp = ops.namespace()
        log_probs = where_else(xp, signal.valid, log_probs, 0.0)
        return sum_over_candidates(xp, -signal.advantages * log_probs, signal.valid)
