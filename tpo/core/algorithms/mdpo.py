"""Mirror Descent Policy Optimization (MDPO), on-policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arithmetic.limits import divided
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, centred_advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import log_ratios, weighted_reverse_kl
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class MDPO:
    """A step of mirror descent: `-r A + KL(policy || old) / step_size`, over several epochs.

    `A` is the score minus the mean over the group, which for MDPO is the batch (the `batch` grouping). The paper
    computes the divergence in closed form for each state; here it is estimated on the samples of the old policy, by
    `r log r - (r - 1)`.

    Attributes:
        step_size: The paper's t_k, in nats per score, above 0. The paper lets it fall from 1 to 0 over training; a
            trainer that does so makes a new `MDPO` for each step.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `step_size` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Tomar et al. 2020 (arXiv 2005.09814), section 4.1, on-policy MDPO.
    """

    step_size: float = 1.0
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + mirror-descent KL", compares_candidates=False, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, step_size=self.step_size)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, with the old log-probs."""
        check_group(group, self)
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The penalised surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        xp, log_ratio = now.xp, log_ratios(now, signal.old_log_probs, signal.valid)
        losses = divided(xp, weighted_reverse_kl(xp, log_ratio), self.step_size) - xp.exp(log_ratio) * signal.advantages
        return reduce_tokens(xp, losses, signal.valid, self.reduction)
