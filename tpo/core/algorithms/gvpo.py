"""Group Variance Policy Optimization (GVPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.regression import fit_differences, regression
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.regression import Regression


@dataclass(frozen=True, kw_only=True)
class GVPO:
    """Squared error of implicit rewards about their mean: `1/2 · sum_i ((R_i - mean R) - (s_i - mean s))^2 / (K - 1)`.

    `R = beta (log_probs - reference)` is the implicit reward, for which the policy would be optimal, and `s` are the
    scores. The loss is 0 exactly where the log-ratio is `s / beta` up to a constant. The reference is the group's
    `ref_log_probs`, or the old policy without them, as in the published code. With `beta = 1 / eta` the minimum is
    that of `REBEL`, whose loss is four times this one.

    Attributes:
        beta: Scores per nat, above 0: the weight of the KL term in the objective that the loss solves.

    Raises:
        InvalidArgumentError: `beta` is not positive.

    Source:
        Zhang et al. 2025 (arXiv 2504.19599), section 3; factor and `beta` are those of the authors' recipe for verl.
    """

    beta: float = 0.1

    traits: ClassVar[Traits] = Traits(update_rule="squared loss on centred implicit rewards", compares_candidates=True)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.1, beta=self.beta)

    def prepare(self, group: Group) -> Regression:
        """Scores, with the reference log-probs."""
        check_group(group, self)
        return regression(group, group.reference())

    def loss(self, log_probs: Array, signal: Regression) -> Loss:
        """Half the variance of `R - s` within the group, `[...]`; each group of at least two candidates weighs 1."""
        return fit_differences(log_probs, signal, slope=self.beta, factor=0.5)
