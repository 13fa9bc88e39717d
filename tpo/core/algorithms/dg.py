"""Delightful policy gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.advantages import centred_advantages
from tpo.core.algorithms.base import Traits
from tpo.core.group import check_group_size
from tpo.core.loss import sum_over_candidates
from tpo.core.ops import unify, where_else
from tpo.core.target import check_eta

if TYPE_CHECKING:
    from tpo.core.advantages import Advantages
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.ops import Array


@dataclass(frozen=True, kw_only=True)
class DG:
    """Policy gradient gated by delight: `-sigmoid(A · surprisal / eta) · A · log_probs`.

    The surprisal is `-log_probs` under the current policy; gate and advantage are constant to the gradient, and
    the gate is recomputed in every epoch. `A` is the score minus the mean over the group, which for DG is the
    batch (the `batch` grouping). Averaged over candidates.

    Attributes:
        eta: Temperature of the gate, above 0.

    Raises:
        InvalidArgumentError: `eta` is not positive.

    Source:
        Osband 2026, "Delightful policy gradients"; the form of Kaddour 2026, appendix B.
    """

    eta: float = 1.0

    traits: ClassVar[Traits] = Traits(update_rule="sigmoid-gated PG", compares_candidates=False)

    def __post_init__(self) -> None:
        """Check the options."""
        check_eta(self.eta)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages."""
        check_group_size(group.size, self.traits.min_group_size, "DG")
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The gated policy-gradient surrogate, `[...]`, each group weighing its number of candidates."""
        ops, (log_probs, *_) = unify(log_probs=log_probs, advantages=signal.advantages)
        xp = ops.namespace()
        log_probs = where_else(xp, signal.valid, log_probs, 0.0)
        delight = signal.advantages * -ops.stop_gradient(log_probs)
        gate = 0.5 * (1 + xp.tanh(delight / (2 * self.eta)))
        return sum_over_candidates(xp, -gate * signal.advantages * log_probs, signal.valid)
