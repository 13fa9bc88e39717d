"""Advantage-Weighted Regression (AWR)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arrays.elementwise import count
from tpo.core.checks.check_group import check_group
from tpo.core.loss import Loss
from tpo.core.losses.current import current_candidates
from tpo.core.losses.likelihood import Weighted, negative_log_likelihood, weighted
from tpo.core.losses.temperature import cut_off_exponential
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


@dataclass(frozen=True, kw_only=True)
class AWR:
    """Likelihood weighted by exponentiated advantages: `-min(exp(A / beta), max_weight) · log_probs`.

    `A` are the group's `advantages`: returns minus a critic's values. For AWR the group is the batch (the `batch`
    grouping).

    Attributes:
        beta: Temperature, in the unit of the advantages, above 0. The published code divides advantages by their
            deviation over the batch first and uses 1.
        max_weight: Upper bound on the weights, above 0.

    Raises:
        InvalidArgumentError: An option is not positive.

    Source:
        Peng et al. 2019 (arXiv 1910.00177), algorithm 1; `beta` and `max_weight` are those of the published code.
    """

    beta: float = 1.0
    max_weight: float = 20.0

    traits: ClassVar[Traits] = Traits(
        update_rule="regress to exp(A / beta) weights",
        compares_candidates=False,
        critic=True,
        needs=("advantages",),
        breaks=MappingProxyType({"tied": "every candidate has a positive weight, so its log-prob is always raised"}),
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(1.0, beta=self.beta)
        check_positive(20.0, max_weight=self.max_weight)

    def prepare(self, group: Group) -> Weighted:
        """Exponentiated advantages."""
        check_group(group, self)
        _, xp = group.library()
        weights = cut_off_exponential(xp, group.advantages, self.beta, self.max_weight)
        return weighted(group, weights, group.old_log_probs)

    def loss(self, log_probs: Array, signal: Weighted) -> Loss:
        """The weighted likelihood, summed over the group, `[...]`; each candidate weighs 1."""
        now, signal = current_candidates(log_probs, signal, Weighted)
        value = negative_log_likelihood(now.ops, now.xp, now.log_probs, signal.weights)
        return Loss(value, count(now.xp, signal.valid, value)[..., 0])
