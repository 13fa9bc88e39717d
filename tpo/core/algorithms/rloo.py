"""RLOO: REINFORCE with a leave-one-out baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import standardized_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.standardizing.standardizers import LeaveOneOut

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class RLOO:
    """The score-function estimator `-A · log_probs`, with `A` the score minus the mean of the other candidates.

    `A` is `K / (K - 1)` times the centred score, where `K` counts the candidates in the mask, also impossible ones: the
    baseline is unbiased.
    There is no likelihood ratio and no clipping.

    Attributes:
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`. The paper takes a whole
            completion as one action, which is `seq-mean-token-sum`.

    Raises:
        UnknownNameError: `reduction` is unknown.

    Source:
        Ahmadian et al. 2024 (arXiv 2402.14740), equation 7; Kool et al. 2019.
    """

    reduction: str = "seq-mean-token-sum"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + leave-one-out baseline", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Scores minus the mean of the other candidates as advantages."""
        check_group(group, self)
        return standardized_advantages(group, LeaveOneOut())

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
