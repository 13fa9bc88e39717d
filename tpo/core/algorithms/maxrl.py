"""Maximum-likelihood reinforcement learning."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits, check_group
from tpo.core.arithmetic.fast import centre
from tpo.core.arrays.elementwise import where_else
from tpo.core.losses.advantages import advantages_of
from tpo.core.losses.candidates import mean
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class MaxRL:
    """The score-function estimator `-A · log_probs`, with `A` the centred score divided by the group's mean score.

    For scores of 0 and 1, where the mean is the rate of success, this estimates the gradient of the log of that rate,
    up to an order that grows with the group: rare successes weigh more. Scores must not be negative; where their mean
    is not positive, `A` is 0.

    Attributes:
        reduction: How losses per token are averaged, a name from `losses.reductions`. The paper's estimator is that
            of whole completions, which is `seq-mean-token-sum`.

    Raises:
        UnknownNameError: `reduction` is no such name.

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
        """Centred scores in units of their mean as advantages."""
        check_group(group, self)
        _, xp = group.library()
        slots = xp.ones_like(group.scores, dtype=xp.bool) if group.mask is None else group.mask
        average = mean(xp, group.scores, slots)[..., None]
        fails = average <= 0  # which NaN, that is to be seen, does not
        shares = centre(xp, group.relative_scores(), group.mask) / where_else(xp, ~fails, average, 1.0)
        return advantages_of(group, where_else(xp, ~fails, shares, 0.0))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
