"""ReMax: REINFORCE with the score of a greedy candidate as its baseline."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, penalty_to_go, token_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.options import check_not_negative, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class ReMax:
    """The score-function estimator `-A · log_probs`, with `A` the score minus that of a greedy candidate.

    The KL penalty is part of the score: `A` of a token is reduced by `kl` times the log-ratio of the old policy to
    the reference, summed from that token on. The reference is the group's `ref_log_probs`; without them there is no
    penalty. One sampled candidate per group is enough.

    Attributes:
        kl: Weight of the penalty, in scores per nat; 0 switches it off.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`. The paper's estimator
            sums over the tokens of a completion; its published code uses `token-mean`.

    Raises:
        InvalidArgumentError: `kl` is negative.
        UnknownNameError: `reduction` is unknown.

    Source:
        Li et al. 2024 (arXiv 2310.10505). The default of `kl` is the published code's, which penalises each token by
        its own log-ratio alone; summing from a token on follows verl.
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
        plain_options(self)
        check_not_negative(kl=self.kl)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Penalised scores minus the greedy candidate's score as advantages, one per token."""
        check_group(group, self)
        above_greedy = group.scores_above_baseline()[..., None]
        return token_advantages(group, above_greedy - self.kl * penalty_to_go(group))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
