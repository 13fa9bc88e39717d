"""Clipped Importance-Sampling-weight Policy Optimization (CISPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arrays.elementwise import weighed
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, standardized_advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import constant_log_ratios
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_positive, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class CISPO:
    """The score-function estimator with a clipped likelihood ratio as a constant weight.

    `-sg(clip(r, 1 - clip_low, 1 + clip_high)) A · log_probs`, where `sg` stops the gradient and `A` is the score
    standardized within the group. Every token keeps a gradient, whereas PPO drops tokens beyond its clipping interval.
    The standard deviation is the population's; TRL and verl use the unbiased one plus a small constant.

    Attributes:
        clip_low: How far below 1 the ratio is clipped; 1, the paper's choice, is no bound.
        clip_high: How far above 1. The paper tunes it without saying to what; 4, a bound of 5, is what Khatri et al.
            2025 (arXiv 2510.13786) recommend.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `clip_low` or `clip_high` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        MiniMax 2025 (MiniMax-M1, arXiv 2506.13585), equations 4 and 5.
    """

    clip_low: float = 1.0
    clip_high: float = 4.0
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG with clipped weights + standardized group advantage",
        compares_candidates=True,
        takes_tokens=True,
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, clip_low=self.clip_low)
        check_positive(4.0, clip_high=self.clip_high)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Standardized scores as advantages, with the old log-probs."""
        check_group(group, self)
        return standardized_advantages(group, Z_SCORE)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The weighted policy-gradient surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        xp, constant = now.xp, now.ops.stop_gradient(now.log_probs)
        ratio = xp.exp(constant_log_ratios(xp, constant, signal.old_log_probs, signal.valid))
        weights = xp.clip(ratio, 1 - self.clip_low, 1 + self.clip_high)
        losses = weighed(xp, -weights * signal.advantages, now.log_probs)
        return reduce_tokens(xp, losses, signal.valid, self.reduction)
