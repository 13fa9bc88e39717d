"""Copies of built-in algorithms with one defect each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import tpo
from tpo import Group, Loss, Traits, namespace_of
from tpo.core.arrays.ops import unify


@dataclass(frozen=True, kw_only=True)
class WrongSign(tpo.GRPO):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(-value, weight)


@dataclass(frozen=True, kw_only=True)
class MaskIgnored(tpo.GRPO):
    def prepare(self, group):
        return super().prepare(replace(group, mask=None))


@dataclass(frozen=True, kw_only=True)
class MeanOverSlots(tpo.RLOO):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(value, 0 * weight + log_probs.shape[-1])


@dataclass(frozen=True, kw_only=True)
class MeanOverT(tpo.GRPO):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(value / signal.valid.shape[-1], weight)


@dataclass(frozen=True, kw_only=True)
class PaddingLearns(tpo.REINFORCE):
    def prepare(self, group):
        signal = super().prepare(group)
        return signal._replace(valid=namespace_of(signal.valid).ones_like(signal.valid))


@dataclass(frozen=True, kw_only=True)
class NobodyWeighs(tpo.GRPO):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(value, namespace_of(weight).ones_like(weight))


@dataclass(frozen=True, kw_only=True)
class ShareOfTheBatch(tpo.GPG):
    """GPG with the paper's `alpha`, the share of untied groups in the batch."""

    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        xp = namespace_of(weight)
        return Loss(value, weight * xp.mean(xp.astype(weight > 0, weight.dtype)))


@dataclass(frozen=True, kw_only=True)
class IndexWeights(tpo.RLOO):
    def prepare(self, group):
        signal = super().prepare(group)
        xp = namespace_of(signal.advantages)
        return signal._replace(
            advantages=signal.advantages * xp.cumulative_sum(xp.ones_like(signal.advantages), axis=-2)
        )


@dataclass(frozen=True, kw_only=True)
class AlsoTheWorst(tpo.REINFORCE):
    def prepare(self, group):
        signal = super().prepare(group)
        return signal._replace(advantages=abs(signal.advantages))


@dataclass(frozen=True, kw_only=True)
class ShiftedBaseline(tpo.RLOO):
    def prepare(self, group):
        signal = super().prepare(group)
        return signal._replace(advantages=signal.advantages + group.scores[..., None])


@dataclass(frozen=True, kw_only=True)
class NothingLearned(tpo.GRPO):
    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        return Loss(0 * value, weight)


@dataclass(frozen=True, kw_only=True)
class NotChecked:
    """Centred scores times log-probs, without a check of the group size."""

    traits: ClassVar[Traits] = Traits(update_rule="made up", compares_candidates=True)

    def prepare(self, group: Group) -> Any:
        return group

    def loss(self, log_probs: Any, signal: Any) -> Loss:
        xp = namespace_of(log_probs)
        centred = signal.scores - xp.mean(signal.scores, axis=-1, keepdims=True)
        value = -xp.sum(centred * log_probs, axis=-1)
        return Loss(value, xp.ones_like(value))


@dataclass(frozen=True, kw_only=True)
class PlainRatio(tpo.GRPO):
    def loss(self, log_probs, signal):
        ops, (log_probs, old, advantages) = unify(log_probs=log_probs, old=signal.old_log_probs, a=signal.advantages)
        xp = ops.namespace()
        terms = xp.exp(xp.reshape(log_probs, old.shape) - old) * advantages
        value = -xp.sum(xp.where(signal.valid, terms, xp.zeros_like(terms)), axis=(-1, -2))
        return Loss(value, xp.ones_like(value))


@dataclass(frozen=True, kw_only=True)
class HalfSoftmax(tpo.GroupPG):
    """An entropy whose softmax is computed in the dtype of the log-probs."""

    def loss(self, log_probs, signal):
        value, weight = super().loss(log_probs, signal)
        ops, _ = unify(log_probs=log_probs)
        log_p = ops.log_softmax(log_probs)
        xp = ops.namespace()
        return Loss(value + xp.sum(xp.exp(log_p) * log_p, axis=-1), weight)


@dataclass(kw_only=True)
class NotFrozen:
    """An algorithm whose options are mutable."""

    clip: float = 0.2
    traits = Traits(update_rule="made up", compares_candidates=True)


@dataclass(frozen=True, kw_only=True)
class Rooted(tpo.GRPO):
    """An algorithm that cannot be pickled."""

    schedule: Any = field(default_factory=lambda: lambda step: step)
