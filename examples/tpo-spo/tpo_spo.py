"""Simple Policy Optimization, as an algorithm of tpo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import tpo
from tpo import AlgorithmInfo, Array, Group, InvalidArgumentError, Loss, Traits, hookimpl

FARTHEST = 20.0
"""Bound on the magnitude of log-ratios, in nats, so that no ratio overflows."""


class Signal(NamedTuple):
    """The signal of SPO, arrays `[..., K]`."""

    advantages: Array
    old_log_probs: Array
    valid: Array


@dataclass(frozen=True, kw_only=True)
class SPO:
    """PPO with a quadratic penalty instead of clipping: `-(r A - |A| (r - 1)^2 / (2 clip))` on standardized scores.

    The surrogate has its optimum where the ratio `r` is at the edge of the trust region, `1 + sign(A) clip`.

    Attributes:
        clip: Half-width of the trust region for the ratio, above 0.

    Raises:
        InvalidArgumentError: `clip` is not positive.

    Source:
        Xie et al. 2024, arXiv 2401.16025.
    """

    clip: float = 0.2
    traits: ClassVar[Traits] = Traits(update_rule="PG + parabolic trust region", compares_candidates=True)

    def __post_init__(self) -> None:
        """Check the option."""
        if not self.clip > 0:
            raise InvalidArgumentError(f"`clip` must be positive; got {self.clip}. The usual value is 0.2.")

    def prepare(self, group: Group) -> Signal:
        """Standardized scores as advantages."""
        tpo.check_group(group, self)
        valid = group.old_log_probs != -float("inf")
        valid = valid if group.mask is None else valid & group.mask
        return Signal(tpo.standardize(group.scores, mask=group.mask, precision="fast"), group.old_log_probs, valid)

    def loss(self, log_probs: Array, signal: Signal) -> Loss:
        """The surrogate summed over the candidates, `[...]`, with the number of candidates as weight."""
        xp = tpo.namespace_of(log_probs)
        nothing = xp.zeros_like(signal.old_log_probs)
        moved = xp.where(signal.valid, log_probs, nothing) - xp.where(signal.valid, signal.old_log_probs, nothing)
        ratio = xp.exp(xp.clip(moved, -FARTHEST, FARTHEST))
        pull = xp.abs(signal.advantages) / (2 * self.clip)
        surrogate = ratio * signal.advantages - pull * (ratio - 1) ** 2
        counted = xp.astype(signal.valid, surrogate.dtype)
        return Loss(-xp.sum(counted * surrogate, axis=-1), xp.sum(counted, axis=-1))


@hookimpl
def tpo_algorithms() -> tuple[AlgorithmInfo, ...]:
    """Register SPO."""
    return (AlgorithmInfo(name="spo", load="tpo_spo:SPO", summary="a parabola for a trust region"),)
