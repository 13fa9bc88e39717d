"""Trust Region Policy Optimization (TRPO), in its penalised form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, centred_advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import forward_kl, log_ratios
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_not_negative, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class TRPO:
    """The surrogate `-r A` with a penalty for leaving the old policy, `kl · KL(old || policy)`.

    This is the penalised form that first-order optimizers can minimise. TRPO proper bounds the divergence, by .01
    nats, with conjugate gradients and a line search, and has no loss to minimise. `A` is the score minus the mean over
    the group, which for TRPO is the batch (the `batch` grouping). The divergence is estimated on the samples by
    `r - 1 - log r`.

    Attributes:
        kl: Weight of the penalty, in scores per nat; 0 switches it off. Schulman et al. 2017 compare .3, 1, 3 and 10.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `kl` is negative.
        UnknownNameError: `reduction` is unknown.

    Source:
        Schulman et al. 2015, section 4; the penalised form is equation 5 of Schulman et al. 2017.
    """

    kl: float = 1.0
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(update_rule="PG + KL trust region", compares_candidates=False, takes_tokens=True)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_not_negative(kl=self.kl)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, with the old log-probs."""
        check_group(group, self)
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The penalised surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        xp, log_ratio = now.xp, log_ratios(now, signal.old_log_probs, signal.valid)
        losses = self.kl * forward_kl(xp, log_ratio) - xp.exp(log_ratio) * signal.advantages
        return reduce_tokens(xp, losses, signal.valid, self.reduction)
