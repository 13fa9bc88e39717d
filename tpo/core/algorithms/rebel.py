"""REBEL: regression of relative rewards."""

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
class REBEL:
    """Squared error of reward differences: the mean over pairs of `((d_i - d_j) / eta - (s_i - s_j))^2`.

    `d = log_probs - old_log_probs`, and `s` are the scores. The loss is 0 where `d = eta s` up to a constant: the old
    policy tilted by the scores. The paper pairs two candidates; in larger groups all pairs have equal weight.

    Attributes:
        eta: Nats per score, above 0. The published code uses values from 1 up to 1e6, where scores are small.

    Raises:
        InvalidArgumentError: `eta` is not positive.

    Source:
        Gao et al. 2024 (arXiv 2404.16767), equation 1 and algorithm 1.
    """

    eta: float = 1.0

    traits: ClassVar[Traits] = Traits(update_rule="squared loss on reward differences", compares_candidates=True)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, eta=self.eta)

    def prepare(self, group: Group) -> Regression:
        """Scores, with the old log-probs."""
        check_group(group, self)
        return regression(group, group.old_log_probs)

    def loss(self, log_probs: Array, signal: Regression) -> Loss:
        """Mean squared error over the pairs, `[...]`; each group of at least two candidates weighs 1."""
        return fit_differences(log_probs, signal, slope=1 / self.eta, factor=2.0)
