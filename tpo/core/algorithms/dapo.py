"""Decoupled Clip and Dynamic sAmpling Policy Optimization (DAPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import standardized_advantages, untied
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import clipped_loss
from tpo.core.options import check_positive, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class DAPO:
    """GRPO with a higher upper clipping bound, averaged over tokens, skipping tied groups.

    `-min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)`, with `A` the score standardized within the group and no KL
    penalty. The standard deviation is the population's; TRL and verl use the unbiased one plus a small constant. The
    penalty for overlong completions is a separate score: `tpo.overlong_penalty`.

    Attributes:
        clip_low: How far below 1 the likelihood ratio is clipped.
        clip_high: How far above 1.
        skip_tied: Whether tied groups (all scores equal) get value 0 and weight 0. The paper samples other groups in
            their place (dynamic sampling), which is the trainer's job.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `clip_low` or `clip_high` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Yu et al. 2025 (arXiv 2503.14476), equations 8 and 9; the clipping interval is that of section 4.1.
    """

    clip_low: float = 0.2
    clip_high: float = 0.28
    skip_tied: bool = True
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="asymmetrically clipped PG + standardized group advantage",
        compares_candidates=True,
        takes_tokens=True,
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.2, clip_low=self.clip_low)
        check_positive(0.28, clip_high=self.clip_high)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Standardized scores as advantages, with the old log-probs."""
        check_group(group, self)
        signal = standardized_advantages(group, Z_SCORE)
        return untied(signal) if self.skip_tied else signal

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate, `[...]`."""
        return clipped_loss(log_probs, signal, self.reduction, below=self.clip_low, above=self.clip_high)
