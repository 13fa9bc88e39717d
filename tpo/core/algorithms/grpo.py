"""Group Relative Policy Optimization (GRPO)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tpo.core.algorithms.base import Traits
from tpo.core.checks.check_group import check_group
from tpo.core.losses.advantages import standardized_advantages, untied
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import clipped_surrogate, log_ratios, reverse_kl
from tpo.core.losses.reductions import check_reduction, reduce_tokens
from tpo.core.options import check_not_negative, check_positive, plain_options
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


class GRPOSignal(NamedTuple):
    """The signal of GRPO: advantages, old and reference log-probs. T is 1 for log-probs of whole candidates.

    Attributes:
        advantages: `[..., K, 1]` standardized scores.
        old_log_probs: `[..., K, T]` in nats.
        ref_log_probs: `[..., K, T]` in nats: the reference policy of the KL penalty.
        valid: `[..., K, T]` boolean: unmasked tokens of nonzero probability.
    """

    advantages: Array
    old_log_probs: Array
    ref_log_probs: Array
    valid: Array


@dataclass(frozen=True, kw_only=True)
class GRPO:
    """PPO's clipped surrogate on scores standardized within the group, with a reverse-KL penalty.

    `-min(r A, clip(r, 1 - clip, 1 + clip) A) + kl (exp(-d) + d - 1)`, where `r` is the likelihood ratio to the old
    policy, `A` the standardized score and `d = log_probs - ref_log_probs`. The reference is the group's
    `ref_log_probs`, or the old policy where there is none. The standard deviation is the population's; TRL and verl use
    the unbiased one plus a small constant.

    Attributes:
        clip: Half-width of the clipping interval for the ratio.
        kl: Weight of the KL penalty; 0 switches it off.
        skip_tied: Whether tied groups (all scores equal) get value 0 and weight 0. Kaddour 2026, section 4, finds
            that this hurts over several epochs.
        reduction: How per-token losses are averaged: a name from `tpo.core.losses.reductions`. The experiments of the
            TPO paper use `group-mean-token-sum`.

    Raises:
        InvalidArgumentError: `clip` is not positive, or `kl` is negative.
        UnknownNameError: `reduction` is unknown.

    Source:
        Shao et al. 2024 (DeepSeekMath), equations 3 and 4; Kaddour 2026, appendix F.
    """

    clip: float = 0.2
    kl: float = 0.04
    skip_tied: bool = False
    reduction: str = "seq-mean-token-mean"

    traits: ClassVar[Traits] = Traits(
        update_rule="clipped PG + standardized group advantage", compares_candidates=True, takes_tokens=True
    )

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_positive(0.2, clip=self.clip)
        check_not_negative(kl=self.kl)
        check_reduction(self.reduction)

    def prepare(self, group: Group) -> GRPOSignal:
        """Standardized scores as advantages, with the old and the reference log-probs."""
        check_group(group, self)
        signal = standardized_advantages(group, Z_SCORE)
        advantages, old, valid = untied(signal) if self.skip_tied else signal
        return GRPOSignal(advantages, old, group.by_token(group.reference()), valid)

    def loss(self, log_probs: Array, signal: GRPOSignal) -> Loss:
        """The penalised surrogate, `[...]`."""
        now, signal = current_tokens(log_probs, signal, GRPOSignal)
        log_ratio = log_ratios(now, signal.old_log_probs, signal.valid)
        losses = -clipped_surrogate(now.xp, log_ratio, signal.advantages, self.clip, self.clip)
        if self.kl > 0:
            to_reference = log_ratios(now, signal.ref_log_probs, signal.valid)
            losses = losses + self.kl * reverse_kl(now.xp, to_reference)
        return reduce_tokens(now.xp, losses, signal.valid, self.reduction)

    def weights(self, signal: GRPOSignal) -> Array:
        """The magnitude of each candidate's advantage, `[..., K]`."""
        return abs(signal.advantages[..., 0])
