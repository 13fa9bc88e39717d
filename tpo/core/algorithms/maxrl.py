"""Maximum-likelihood reinforcement learning (MaxRL)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import advantages_of
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.standardizing.mean_scaled import over_mean

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class MaxRL:
    """The score-function estimator `-A · log_probs`, with `A` the centred score divided by the group's mean score.

    For scores of 0 and 1 the mean is the success rate, and this estimates the gradient of its logarithm, up to an
    order that grows with the group size: rare successes weigh more. Scores must not be negative. `A` is 0 if their
    mean is not positive.

    Attributes:
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`. The paper's estimator
            takes whole completions, which is `seq-mean-token-sum`.

    Raises:
        UnknownNameError: `reduction` is unknown.

    Source:
        Tajwar et al. 2026 (arXiv 2602.02710).
    """

    reduction: str = "seq-mean-token-sum"

    traits: ClassVar[Traits] = Traits(
        update_rule="higher-order obj. correction",
        compares_candidates=True,
        takes_tokens=True,
        breaks=MappingProxyType({"shift": "the mean score, which it divides by, is a rate of success"}),
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Centred scores divided by the group's mean score, as advantages."""
        check_group(group, self)
        _, xp = group.library()
        return advantages_of(group, over_mean(xp, group.scores, group.relative_scores(), group.mask))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
