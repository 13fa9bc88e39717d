"""Group Sequence Policy Optimization (GSPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, standardized_advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import clipped_surrogate, sequence_log_ratios
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_positive, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class GSPO:
    """The clipped surrogate with one likelihood ratio per completion, the geometric mean over its tokens.

    `-min(s A, clip(s, 1 - clip_low, 1 + clip_high) A)` with `s = exp(mean(log_probs - old_log_probs))` over the
    tokens of a candidate, and `A` the score standardized within the group. The clipping interval is small because
    mean log-ratios are small. The standard deviation is the population's; TRL and verl use the unbiased one plus a
    small constant.

    Attributes:
        clip_low: How far below 1 the ratio is clipped.
        clip_high: How far above 1.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`. All tokens of a
            candidate have the same loss, so the paper's mean over candidates is `seq-mean-token-mean`.

    Raises:
        InvalidArgumentError: `clip_low` or `clip_high` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Zheng et al. 2025 (arXiv 2507.18071), equations 5 and 7; the clipping interval is that of section 5.1.
    """

    clip_low: float = 3e-4
    clip_high: float = 4e-4
    reduction: str = "seq-mean-token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="sequence-clipped PG + standardized group advantage", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(3e-4, clip_low=self.clip_low)
        check_positive(4e-4, clip_high=self.clip_high)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Standardized scores as advantages, with the old log-probs."""
        check_group(group, self)
        return standardized_advantages(group, Z_SCORE)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, Advantages)
        log_ratio = sequence_log_ratios(now, signal.old_log_probs, signal.valid)
        losses = -clipped_surrogate(now.xp, log_ratio, signal.advantages, self.clip_low, self.clip_high)
        return reduce_tokens(now.xp, losses, signal.valid, self.reduction)
