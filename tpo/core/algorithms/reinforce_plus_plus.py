"""REINFORCE++: PPO without a critic, with advantages whitened over the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.algorithms.base import Traits
from tpo.core.arithmetic.fast import centre, z_score
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import Advantages, penalty_to_go, token_advantages, valid_tokens
from tpo.core.losses.reductions import check_reduction
from tpo.core.losses.surrogates import clipped_loss
from tpo.core.options import check_not_negative, check_positive, plain_options

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


@dataclass(frozen=True, kw_only=True)
class REINFORCEPlusPlus:
    """The clipped surrogate on penalised scores, whitened over all the tokens of the batch.

    `A` of a token is the score of its candidate minus `kl` times the log-ratio of the old policy to the reference,
    summed from that token on. `A` is then standardized over all the tokens of the group, which for REINFORCE++ is the
    batch (the `batch` grouping). The standard deviation is the population's; verl uses the unbiased one, which is
    larger by `sqrt(n / (n - 1))`. The reference is the group's `ref_log_probs`; without them there is no penalty.

    Attributes:
        clip: Half-width of the clipping interval for the likelihood ratio.
        kl: Weight of the penalty, in scores per nat; 0 switches it off.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`.

    Raises:
        InvalidArgumentError: `clip` is not positive, or `kl` is negative.
        UnknownNameError: `reduction` is unknown.

    Source:
        Hu 2025 (arXiv 2501.03262), the estimator without a group baseline; `kl` is that of its general-domain runs.
    """

    clip: float = 0.2
    kl: float = 0.01
    reduction: str = "token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="PG + per-token KL baseline",
        compares_candidates=False,
        fixed_reference=True,
        takes_tokens=True,
        title="REINFORCE++",
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.2, clip=self.clip)
        check_not_negative(kl=self.kl)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> Advantages:
        """Whitened penalised scores as advantages, one per token."""
        check_group(group, self)
        _, xp = group.library()
        valid = valid_tokens(group)
        # Centred first: the penalty is then subtracted from small numbers, and shifted scores give the same bits.
        penalised = centre(xp, group.relative_scores(), group.mask)[..., None] - self.kl * penalty_to_go(group)
        flat = (*valid.shape[:-2], valid.shape[-2] * valid.shape[-1])
        whitened = z_score(xp, xp.reshape(penalised, flat), xp.reshape(valid, flat))
        return token_advantages(group, xp.reshape(whitened, valid.shape))

    def loss(self, log_probs: Array, signal: Advantages) -> Loss:
        """The clipped surrogate, `[...]`."""
        return clipped_loss(log_probs, signal, self.reduction, below=self.clip, above=self.clip)
