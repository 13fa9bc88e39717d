"""Proximal Policy Optimization, without a critic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.advantages import centred_advantages
from tpo.core.algorithms.base import Traits
from tpo.core.group import check_group_size
from tpo.core.loss import sum_over_candidates
from tpo.core.ops import unify
from tpo.core.ratios import clipped_surrogate, log_ratios
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.advantages import Advantages
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.ops import Array


@dataclass(frozen=True, kw_only=True)
class PPO:
    """The clipped surrogate `-min(r A, clip(r, 1 - clip, 1 + clip) A)` on single samples.

    `A` is the score minus the mean over the group, which for PPO is the batch (the `batch` grouping): no critic,
    no division by a deviation. Averaged over candidates.

    Attributes:
        clip: Half-width of the clipping interval for the likelihood ratio.

    Raises:
        InvalidArgumentError: `clip` is not positive.

    Source:
        Schulman et al. 2017, equation 7; the batch-mean baseline is that of Kaddour 2026's experiments.
    """

    clip: float = 0.2

    traits: ClassVar[Traits] = Traits(update_rule="clipped PG surrogate", compares_candidates=False)

    def __post_init__(self) -> None:
        """Check the options."""
        if not self.clip > 0:
            raise InvalidArgumentError(f"`clip` must be positive; got {self.clip}. The usual value is 0.2.")

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, beside the old log-probs."""
        check_group_size(group.size, self.traits.min_group_size, "PPO")
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate, `[...]`, each group weighing its number of candidates."""
        ops, (log_probs, *_) = unify(log_probs=log_probs, advantages=signal.advantages)
        xp = ops.namespace()
        ratio = log_ratios(xp, log_probs, signal.old_log_probs, signal.valid)
        return sum_over_candidates(xp, -clipped_surrogate(xp, ratio, signal.advantages, self.clip), signal.valid)
