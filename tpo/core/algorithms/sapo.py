"""Soft Adaptive Policy Optimization (SAPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arrays.elementwise import where_else
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, standardized_advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import log_ratios
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_positive, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class SAPO:
    """A surrogate whose gradient fades smoothly as the likelihood ratio leaves 1, instead of being clipped.

    `-(4 / tau) sigmoid(tau (r - 1)) A`, where `A` is the score standardized within the group and `tau` depends on its
    sign. At `r = 1` its gradient is that of `-r A`. The standard deviation is the population's; TRL and verl use the
    unbiased one plus a small constant.

    Attributes:
        tau_positive: How fast the gradient fades where the advantage is positive.
        tau_negative: How fast it fades elsewhere. Larger, since lowering one token raises all others.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `tau_positive` or `tau_negative` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Gao et al. 2025 (arXiv 2511.20347).
    """

    tau_positive: float = 1.0
    tau_negative: float = 1.05
    reduction: str = "seq-mean-token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="softly gated PG + standardized group advantage", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, tau_positive=self.tau_positive)
        check_positive(1.05, tau_negative=self.tau_negative)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Standardized scores as advantages, with the old log-probs."""
        check_group(group, self)
        return standardized_advantages(group, Z_SCORE)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The gated surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        xp = now.xp
        ratio = xp.exp(log_ratios(now, signal.old_log_probs, signal.valid))
        positive = xp.full_like(signal.advantages, self.tau_positive)
        tau = where_else(xp, signal.advantages > 0, positive, self.tau_negative)
        gate = (1 + xp.tanh(tau * (ratio - 1) / 2)) * 2 / tau
        return reduce_tokens(xp, -gate * signal.advantages, signal.valid, self.reduction)
