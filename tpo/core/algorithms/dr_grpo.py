"""Dr. GRPO: GRPO without its length bias and its difficulty bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.loss import Loss
from tpo.core.losses.advantages import centred_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import clipped_loss
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class DrGRPO:
    """PPO's clipped surrogate on centred scores, summed over tokens and divided by a constant.

    GRPO divides by the standard deviation of the group's scores, which favours questions that are very easy or very
    hard, and by the length of each completion, which favours long wrong answers. Dr. GRPO divides by neither.

    Attributes:
        clip: Half-width of the clipping interval for the likelihood ratio.
        max_length: The longest completion allowed, in tokens; sums over tokens are divided by it. The default, 1,
            keeps the sums.
        reduction: How per-token losses are averaged before that division: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `clip` or `max_length` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Liu et al. 2025 (arXiv 2503.20783), section 3.
    """

    clip: float = 0.2
    max_length: int = 1
    reduction: str = "seq-mean-token-sum"

    traits: ClassVar[Traits] = Traits(
        update_rule="clipped PG + centred group advantage",
        compares_candidates=True,
        takes_tokens=True,
        title="Dr. GRPO",
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.2, clip=self.clip)
        check_positive(1, max_length=self.max_length)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Centred scores as advantages, with the old log-probs."""
        check_group(group, self)
        return centred_advantages(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate over `max_length`, `[...]`."""
        value, weight = clipped_loss(log_probs, signal, self.reduction, below=self.clip, above=self.clip)
        return Loss(value / self.max_length, weight)
