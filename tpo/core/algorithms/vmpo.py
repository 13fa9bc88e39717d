"""V-MPO: on-policy Maximum a Posteriori Policy Optimization."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arrays.elementwise import unknown_groups
from tpo.core.checks.check_group import check_group
from tpo.core.loss import valid_candidates
from tpo.core.losses.likelihood import fit_weighted, weighted
from tpo.core.losses.temperature import best_half, check_temperature, exponentiated
from tpo.core.options import check_not_negative, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.likelihood import Weighted


@dataclass(frozen=True, kw_only=True)
class VMPO:
    """Likelihood of the better half of the candidates, weighted by `softmax(A / eta)`, plus `kl · KL(old || policy)`.

    `A` are the group's `advantages`: returns minus a critic's values. The half is taken within the group, and so is
    the temperature; the paper takes both over the batch, which here is one group (the `batch` grouping).

    Attributes:
        eta: Temperature, in the unit of the advantages, above 0. `None` solves for the temperature of each group at
            which the weights have KL divergence `epsilon` from uniform over the better half; the paper finds it by
            gradient descent on the same dual.
        epsilon: Bound on the divergence of the weights, in nats, above 0. Unused if `eta` is given.
        kl: Weight of the penalty, per nat; 0 switches it off. The paper learns it to keep the divergence bounded.

    Raises:
        InvalidArgumentError: `eta` or `epsilon` is not positive, or `kl` is negative.

    Source:
        Song et al. 2019 (arXiv 1909.12238), the E-step on the better half, and its temperature loss.
    """

    eta: float | None = None
    epsilon: float = 0.01
    kl: float = 0.0

    traits: ClassVar[Traits] = Traits(
        title="V-MPO",
        update_rule="q ∝ p_old exp(A / eta) on the better half; fit to q",
        compares_candidates=True,
        critic=True,
        needs=("advantages",),
        breaks=MappingProxyType({"tied": "equal weights still raise the log-probs of all the candidates"}),
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_temperature(self.eta, self.epsilon)
        check_not_negative(kl=self.kl)

    def prepare(self, group: Group) -> Weighted:
        """Weights that sum to 1 over the better half of the group."""
        check_group(group, self)
        ops, xp = group.library()
        advantages: Array = group.advantages
        valid = valid_candidates(group)
        half = best_half(xp, advantages, valid)
        weights = exponentiated(ops, advantages, half, self.eta, self.epsilon)
        return weighted(group, weights + unknown_groups(xp, advantages, valid), group.old_log_probs)

    def loss(self, log_probs: Array, signal: Weighted) -> Loss:
        """The penalised weighted likelihood, `[...]`; each group weighs 1."""
        return fit_weighted(log_probs, signal, self.kl)
