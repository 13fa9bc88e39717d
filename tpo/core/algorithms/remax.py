"""REINFORCE with the score of a greedy candidate as its baseline."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits, check_group
from tpo.core.losses.advantages import Advantages, penalty_to_go, token_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.options import check_not_negative

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class ReMax:
    """The score-function estimator `-A · log_probs`, with `A` the score minus that of a greedy candidate.

    A penalty for leaving the reference policy is part of the score: from `A` of a token is subtracted `kl` times the
    log-ratio of the old policy to the reference, summed from that token on. The reference is the group's
    `ref_log_probs`; without them there is no penalty. One sampled candidate per group is enough.

    Attributes:
        kl: Weight of the penalty, in scores per nat; 0 switches it off.
        reduction: How losses per token are averaged, a name from `losses.reductions`. The paper's estimator sums
            over the tokens of a completion; its published code takes `token-mean`.

    Raises:
        InvalidArgumentError: `kl` is negative.
        UnknownNameError: `reduction` is no such name.

    Source:
        Li et al. 2024 (arXiv 2310.10505). `kl` is that of its published code, which subtracts it from the advantage
        of the token itself alone; the sum from a token on is that of verl.
    """

    kl: float = 0.05
    reduction: str = "seq-mean-token-sum"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + greedy baseline",
        compares_candidates=False,
        fixed_reference=True,
        min_group_size=1,
        takes_tokens=True,
        needs=("baseline_scores",),
        breaks=MappingProxyType(
            {
                "shift": "the baseline is the score of another candidate, which does not move with the group's",
                "tied": "candidates that all score above the greedy one are all raised",
            }
        ),
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_not_negative(kl=self.kl)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Penalised scores minus the greedy one as advantages, one per token."""
        check_group(group, self)
        above_greedy = group.scores_above_baseline()[..., None]
        return token_advantages(group, above_greedy - self.kl * penalty_to_go(group))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
