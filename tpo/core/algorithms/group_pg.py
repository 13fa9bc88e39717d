"""Policy gradient on scores standardized within the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arithmetic.limits import divided
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import standardized_advantages
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.options import check_eta, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class GroupPG:
    """The score-function estimator `-u / eta · log_probs` with standardized scores `u`: no ratio, no clipping.

    Scores are standardized over the whole group; the sum runs over the candidates in `taken`, if the group has it. It
    uses TPO's standardized scores without TPO's target, so nothing limits how far several epochs on one rollout go.

    Attributes:
        eta: Temperature, above 0, as in TPO.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `eta` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Kaddour 2026, the Group PG ablation; appendix C where all actions form the group.
    """

    eta: float = 1.0
    reduction: str = "group-mean-token-sum"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + standardized group advantage", compares_candidates=True, takes_tokens=True, title="Group PG"
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_eta(self.eta)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Standardized scores over the temperature as advantages."""
        check_group(group, self)
        signal = standardized_advantages(group, Z_SCORE)
        return signal._replace(advantages=divided(group.library()[1], signal.advantages, self.eta))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
