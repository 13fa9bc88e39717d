"""Reference-Sampled Boltzmann Projection (RSBP)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arithmetic.limits import bounded_advantages, within_range
from tpo.core.checks.check_group import check_group
from tpo.core.loss import valid_candidates
from tpo.core.losses.likelihood import fit_weighted, weighted
from tpo.core.losses.temperature import softmax_weights
from tpo.core.options import check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss
    from tpo.core.losses.likelihood import Weighted


@dataclass(frozen=True, kw_only=True)
class RSBP:
    """Likelihood weighted by `softmax(scores / beta)` over the group: `-sum_i w_i log_probs_i`.

    If candidates are samples of the old policy, the weights represent `q ∝ p_old · exp(scores / beta)`, the optimum of
    the expected score minus `beta · KL(policy || p_old)`. The loss is pointwise: each log-prob has the constant
    gradient `-w`, whatever the policy is by now. It raises every candidate, bad ones too, and never stops, not even
    where the policy has met the target; a fresh rollout has to replace the samples before that. `TPO`, whose gradient
    is `p - q`, stops there.

    Attributes:
        beta: Temperature, in the unit of the scores, above 0.

    Raises:
        InvalidArgumentError: `beta` is not positive.

    Source:
        Reference-Sampled Boltzmann Projection (arXiv 2605.02469), the weights that are normalized per prompt, estimated
        from the group; the default of `beta` is ours.

    Example:
        >>> import numpy as np, tpo
        >>> group = tpo.Group(scores=np.asarray([np.log(3), 0.0]), old_log_probs=np.log([0.5, 0.5]))
        >>> tpo.RSBP(beta=1.0).prepare(group).weights.round(3)
        array([0.75, 0.25])
    """

    beta: float = 1.0

    traits: ClassVar[Traits] = Traits(
        update_rule="w ∝ exp(score / beta); weighted likelihood",
        compares_candidates=True,
        breaks=MappingProxyType({"tied": "equal weights still raise the log-probs of all the candidates"}),
    )

    def __post_init__(self) -> None:
        """Check the temperature."""
        plain_options(self)
        check_positive(1.0, beta=self.beta)

    def prepare(self, group: Group) -> Weighted:
        """Weights that sum to 1 over the group."""
        check_group(group, self)
        _, xp = group.library()
        valid = valid_candidates(group)
        scores = bounded_advantages(xp, group.relative_scores(), valid)
        weights = softmax_weights(xp, scores, valid, within_range(xp, scores, self.beta))
        return weighted(group, weights, group.old_log_probs)

    def loss(self, log_probs: Array, signal: Weighted) -> Loss:
        """The weighted likelihood, `[...]`; each group weighs 1."""
        return fit_weighted(log_probs, signal)
