"""Group Relative Policy Optimization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from tpo.core.algorithms.base import Traits
from tpo.core.fast import z_score
from tpo.core.group import check_group_size
from tpo.core.loss import Loss, possible_candidates, sum_within_groups
from tpo.core.ops import unify
from tpo.core.ratios import clipped_surrogate, log_ratios, reverse_kl
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.group import Group
    from tpo.core.ops import Array


class GRPOSignal(NamedTuple):
    """What `GRPO.prepare` hands to `GRPO.loss`.

    Attributes:
        advantages: `[..., K]` standardized scores.
        old_log_probs: `[..., K]` in nats.
        ref_log_probs: `[..., K]` in nats: the policy that the KL term pulls to.
        valid: `[..., K]` boolean: in the mask and possible.
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
    `ref_log_probs`, or the old policy where there is none. Summed over the group and averaged over groups, as the
    experiments of the TPO paper do; DeepSeekMath averages over the group, which differs by the factor K.

    Attributes:
        clip: Half-width of the clipping interval for the ratio.
        kl: Weight of the KL penalty; 0 switches it off.

    Raises:
        InvalidArgumentError: `clip` is not positive, or `kl` is negative.

    Source:
        Shao et al. 2024 (DeepSeekMath), equations 3 and 4; Kaddour 2026, appendix F.
    """

    clip: float = 0.2
    kl: float = 0.04

    traits: ClassVar[Traits] = Traits(update_rule="clipped PG + standardized group advantage", compares_candidates=True)

    def __post_init__(self) -> None:
        """Check the options."""
        if not self.clip > 0:
            raise InvalidArgumentError(f"`clip` must be positive; got {self.clip}. The usual value is 0.2.")
        if not self.kl >= 0:
            raise InvalidArgumentError(f"`kl` must not be negative; got {self.kl}. 0 switches the penalty off.")

    def prepare(self, group: Group) -> GRPOSignal:
        """Standardized scores as advantages, beside the log-probs to stay close to."""
        check_group_size(group.size, self.traits.min_group_size, "GRPO")
        _, xp = group.library()
        old = group.old_log_probs
        reference = old if group.ref_log_probs is None else group.ref_log_probs
        advantages = z_score(xp, group.scores, group.mask)
        return GRPOSignal(advantages, old, reference, possible_candidates(old, group.mask))

    def loss(self, log_probs: Array, signal: GRPOSignal) -> Loss:
        """The penalised surrogate, summed over the group: `[...]`, each group weighing 1."""
        ops, (log_probs, *_) = unify(log_probs=log_probs, advantages=signal.advantages)
        xp = ops.namespace()
        ratio = log_ratios(xp, log_probs, signal.old_log_probs, signal.valid)
        losses = -clipped_surrogate(xp, ratio, signal.advantages, self.clip)
        if self.kl > 0:
            to_reference = log_ratios(xp, log_probs, signal.ref_log_probs, signal.valid)
            losses = losses + self.kl * reverse_kl(xp, to_reference)
        return sum_within_groups(xp, losses, signal.valid)
