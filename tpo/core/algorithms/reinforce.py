"""REINFORCE with a mean baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits, TraitsByOption
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import advantage_source, chosen_source, traits_by_source
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


TRAITS = Traits(update_rule="PG + baseline", compares_candidates=False, takes_tokens=True)


@dataclass(frozen=True, kw_only=True)
class REINFORCE:
    """The score-function estimator `-A · log_probs`, with `A` the score minus the group's mean.

    For REINFORCE the group is the batch (the `batch` grouping).

    Attributes:
        advantages: `centred`, the score minus the mean over the group, or `given`, those of the group.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        UnknownNameError: `advantages` or `reduction` is unknown.

    Source:
        Williams 1992; the batch-mean baseline is that of Kaddour 2026's experiments.
    """

    advantages: str = "centred"
    reduction: str = "token-mean"

    traits: ClassVar[TraitsByOption] = TraitsByOption(chosen_source, traits_by_source(TRAITS))

    def __post_init__(self) -> None:
        """Check the options."""
        check_reduction(self.reduction)
        advantage_source(self.advantages)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the batch mean as advantages, or those that are given."""
        check_group(group, self)
        return advantage_source(self.advantages).of(group)

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
