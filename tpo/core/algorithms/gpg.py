"""Group Policy Gradient (GPG)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arithmetic.limits import divided
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import centred_advantages, untied
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import score_function_loss
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.advantages import Advantages


@dataclass(frozen=True, kw_only=True)
class GPG:
    """The score-function estimator `-A · log_probs` on centred scores, skipping tied groups.

    The paper multiplies the loss of a batch by `alpha`: the number of its completions divided by the number of
    completions in untied groups. Here tied groups have weight 0 instead, so that no group depends on another. That
    equals the paper's loss under `seq-mean-token-mean`; under `token-mean` it counts tokens instead of completions.
    verl defines `alpha` differently: the number of completions divided by the number of nonzero scores.

    Attributes:
        f_norm: Divisor of the centred scores, `F_norm` in the paper.
        skip_tied: Whether tied groups (all scores equal) have weight 0. If not, `alpha` is 1.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `f_norm` is not positive.
        UnknownNameError: `reduction` is unknown.

    Source:
        Chu et al. 2025 (arXiv 2504.02546).
    """

    f_norm: float = 1.0
    skip_tied: bool = True
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + centred group advantage", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, f_norm=self.f_norm)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Centred scores over `f_norm` as advantages."""
        check_group(group, self)
        signal = centred_advantages(group)
        signal = untied(signal) if self.skip_tied else signal
        return signal._replace(advantages=divided(group.library()[1], signal.advantages, self.f_norm))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The policy-gradient surrogate, `[...]`."""
        return score_function_loss(log_probs, signal, self.reduction)
