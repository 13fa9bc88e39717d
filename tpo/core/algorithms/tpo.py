"""Target Policy Optimization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tpo.core.algorithms.base import Traits
from tpo.core.group import check_group_size
from tpo.core.loss import Loss, cross_entropy, possible_candidates, with_gradient
from tpo.core.ops import unify
from tpo.core.precision import tier
from tpo.core.target import candidate_weights, check_eta, target

if TYPE_CHECKING:
    from tpo.core.group import Group
    from tpo.core.ops import Array
    from tpo.core.precision import Precision


class TPOSignal(NamedTuple):
    """What `TPO.prepare` hands to `TPO.loss`.

    Attributes:
        q: `[..., K]` the target.
        mask: `[..., K]` boolean, or `None` for everywhere.
    """

    q: Array
    mask: Array | None


@dataclass(frozen=True, kw_only=True)
class TPO:
    """Fit the policy over each group to a score-tilted target by cross-entropy.

    `q_i ∝ p_old_i · exp(u_i / eta)` with standardized scores `u`, and the loss `-sum_i q_i log p_i`. The gradient
    in the candidates' log-probs is `p - q` by construction, with `p` and `q` from one routine: a tied group whose
    policy has not moved contributes exactly 0, where automatic differentiation would leave round-off.

    Attributes:
        eta: Temperature, above 0. The paper uses 1 throughout.
        precision: Of the target and of `p`: `exact` or `fast`, as in `tpo.target`.

    Raises:
        InvalidArgumentError: `eta` is not positive.

    Source:
        Kaddour 2026, equations 2 and 3, algorithm 1.
    """

    eta: float = 1.0
    precision: Precision = "fast"

    traits: ClassVar[Traits] = Traits(
        update_rule="q ∝ p_old exp(u / eta); cross-entropy to q", compares_candidates=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        check_eta(self.eta)
        tier(self.precision)

    def prepare(self, group: Group) -> TPOSignal:
        """The target of each group, `[..., K]`."""
        check_group_size(group.size, self.traits.min_group_size, "TPO")
        return TPOSignal(self._target(group), group.mask)

    def _target(self, group: Group) -> Array:
        return target(group.old_log_probs, group.scores, self.eta, mask=group.mask, precision=self.precision)

    def loss(self, log_probs: Array, signal: TPOSignal) -> Loss:
        """Cross-entropy per group, `[...]`; each group with a possible candidate weighs 1."""
        ops, (log_probs, q, mask) = unify(log_probs=log_probs, q=signal.q, mask=signal.mask)
        xp = ops.namespace()
        constant = ops.stop_gradient(log_probs)
        value = cross_entropy(q, constant, mask=mask)
        weights = candidate_weights(q, constant, mask=mask, precision=self.precision)
        present = xp.any(possible_candidates(constant, mask), axis=-1)
        return Loss(with_gradient(ops, value, log_probs, weights), xp.astype(present, value.dtype))
