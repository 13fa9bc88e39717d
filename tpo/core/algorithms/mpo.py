"""Maximum a Posteriori Policy Optimization (MPO)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.loss import valid_candidates
from tpo.core.losses.likelihood import fit_weighted, weighted
from tpo.core.losses.temperature import check_temperature, exponentiated
from tpo.core.options import check_not_negative, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.likelihood import Weighted


@dataclass(frozen=True, kw_only=True)
class MPO:
    """Likelihood weighted by `softmax(A / eta)` over the group, plus `kl · KL(old || policy)`.

    `A` are the group's `advantages`: a critic's values of the candidates, with or without a baseline. The candidates
    are assumed to be samples of the old policy, so the weights represent `q ∝ old · exp(A / eta)`.

    Attributes:
        eta: Temperature, in the unit of the advantages, above 0. `None` solves for the temperature of each group at
            which the weights have KL divergence `epsilon` from uniform; the paper finds one temperature for all
            states, by gradient descent on the same dual.
        epsilon: Bound on the divergence of the weights, in nats, above 0. Unused if `eta` is given.
        kl: Weight of the penalty, per nat; 0 switches it off. The paper learns it to keep the divergence bounded.

    Raises:
        InvalidArgumentError: `eta` or `epsilon` is not positive, or `kl` is negative.

    Source:
        Abdolmaleki et al. 2018 (arXiv 1806.06920), the E-step without a parametric q, and its dual;
        `epsilon` is that of DeepMind's acme.
    """

    eta: float | None = None
    epsilon: float = 0.1
    kl: float = 0.0

    traits: ClassVar[Traits] = Traits(
        update_rule="q ∝ p_old exp(A / eta); fit to q",
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
        """Weights that sum to 1 over the group."""
        check_group(group, self)
        ops, _ = group.library()
        weights = exponentiated(ops, group.advantages, valid_candidates(group), self.eta, self.epsilon)
        return weighted(group, weights, group.old_log_probs)

    def loss(self, log_probs: Array, signal: Weighted) -> Loss:
        """The penalised weighted likelihood, `[...]`; each group weighs 1."""
        return fit_weighted(log_probs, signal, self.kl)
