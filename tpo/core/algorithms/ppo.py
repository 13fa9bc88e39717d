"""Proximal Policy Optimization (PPO), without a critic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import centred_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import check_dual_clip, clipped_loss
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class PPO:
    """The clipped surrogate `-min(r A, clip(r, 1 - clip, 1 + clip) A)` on single samples.

    `A` is the score minus the mean over the group, which for PPO is the batch (the `batch` grouping): no critic,
    no division by a standard deviation.

    Attributes:
        clip: Half-width of the clipping interval for the likelihood ratio.
        dual_clip: Upper bound on the ratio where the advantage is negative, which bounds the loss there: above 1,
            or 0 to switch it off. Ye et al. 2020 (arXiv 1912.09729) use 3.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `clip` is not positive, or `dual_clip` is neither 0 nor above 1.
        UnknownNameError: `reduction` is unknown.

    Source:
        Schulman et al. 2017, equation 7; the batch-mean baseline is that of Kaddour 2026's experiments.
    """

    clip: float = 0.2
    dual_clip: float = 0.0
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(update_rule="clipped PG surrogate", compares_candidates=False, takes_tokens=True)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.2, clip=self.clip)
        check_dual_clip(self.dual_clip)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, with the old log-probs."""
        check_group(group, self)
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate, `[...]`."""
        return clipped_loss(
            log_probs, signal, self.reduction, below=self.clip, above=self.clip, dual_clip=self.dual_clip
        )
