"""Delightful policy gradient (DG)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits, TraitsByOption
from tpo.core.arithmetic.limits import divided
from tpo.core.arrays.elementwise import weighed
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, advantage_source, chosen_source, traits_by_source
from tpo.core.losses.current import current_tokens
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_eta, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


TRAITS = Traits(update_rule="sigmoid-gated PG", compares_candidates=False, takes_tokens=True)


@dataclass(frozen=True, kw_only=True)
class DG:
    """Policy gradient gated by delight: `-sigmoid(A · surprisal / eta) · A · log_probs`.

    The surprisal is `-log_probs` under the current policy. No gradient flows through the gate or the advantage, and
    the gate is recomputed in every epoch. `A` is the score minus the mean over the group, which for DG is the
    batch (the `batch` grouping).

    Attributes:
        eta: Temperature of the gate, above 0.
        advantages: `centred`, the score minus the mean over the group, or `given`, those of the group.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `eta` is not positive.
        UnknownNameError: `advantages` or `reduction` is unknown.

    Source:
        Osband 2026, "Delightful policy gradients"; the form of Kaddour 2026, appendix B.
    """

    eta: float = 1.0
    advantages: str = "centred"
    reduction: str = "token-mean"

    traits: ClassVar[TraitsByOption] = TraitsByOption(chosen_source, traits_by_source(TRAITS))

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_eta(self.eta)
        check_reduction(self.reduction)
        advantage_source(self.advantages)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, or those that are given."""
        check_group(group, self)
        return advantage_source(self.advantages).of(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The gated policy-gradient surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        delight = weighed(now.xp, signal.advantages, -now.ops.stop_gradient(now.log_probs))
        gate = 0.5 * (1 + now.xp.tanh(divided(now.xp, delight, 2 * self.eta)))
        losses = weighed(now.xp, -gate * signal.advantages, now.log_probs)
        return reduce_tokens(now.xp, losses, signal.valid, self.reduction)
