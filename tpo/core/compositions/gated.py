"""Delight gating across contexts."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tpo.core.arithmetic.fast import centre
from tpo.core.arithmetic.limits import bounded_advantages, divided
from tpo.core.arrays.elementwise import mean, where_else
from tpo.core.checks.check_group import check_group
from tpo.core.compositions.base import WrappedTraits, check_algorithm
from tpo.core.loss import Loss
from tpo.core.losses.advantages import valid_tokens
from tpo.core.losses.current import check_signal, current_tokens
from tpo.core.options import check_eta, plain_options

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


class GatedSignal(NamedTuple):
    """The signal of `Gated`: what the delight needs, and the signal of the inner algorithm.

    T is the number of tokens, or 1 if log-probs are those of whole candidates.

    Attributes:
        advantages: `[..., K]` floating, in units of the scores: the `A` of the delight (see `Gated`).
        valid: `[..., K, T]` boolean: unmasked tokens of nonzero probability.
        inner: The signal of the inner algorithm.
    """

    advantages: Array
    valid: Array
    inner: Any


@dataclass(frozen=True)
class Gated:
    """Any algorithm within each group, with each group's loss scaled by the gate of the delightful policy gradient.

    The loss of a group is multiplied by `sigmoid(delight / eta)`, where `delight` is the mean over its candidates of
    `A · surprisal`. `A` are the group's `advantages`, or else the scores minus their mean. The surprisal is
    `-log_probs` of the whole candidate under the current policy. So a context counts more if its good candidates were
    unlikely, and less if they were likely. The gate is constant to differentiation and recomputed in every epoch; the
    weight of a group in the batch does not change.

    `DG` gates each sample by its own delight; this gates a group by the mean delight of its samples. For groups of
    one sample with `advantages` the two gates are equal, and with `-A · log_probs` as the inner loss this is DG.

    Attributes:
        algorithm: The algorithm within a group.
        eta: Temperature of the gate, above 0, in scores times nats.

    Raises:
        InvalidArgumentError: `eta` is not positive.

    Source:
        This library's definition. Kaddour 2026, section 5, notes that DG corrects updates across contexts and TPO
        within one, so that the two can be combined; the gate is that of Osband 2026.

    Example:
        >>> import tpo
        >>> tpo.Gated(tpo.TPO(), eta=0.5).traits.title
        'Gated(TPO)'
    """

    algorithm: Algorithm
    _: KW_ONLY
    eta: float = 1.0

    traits: ClassVar[WrappedTraits] = WrappedTraits("gated by the delight of the group")

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_algorithm(self.algorithm)
        check_eta(self.eta)

    def prepare(self, group: Group) -> GatedSignal:
        """The advantages for the delight, with the signal of the inner algorithm."""
        check_group(group, self)
        _, xp = group.library()
        advantages = centre(xp, group.relative_scores(), group.mask) if group.advantages is None else group.advantages
        valid = valid_tokens(group)
        bounded = bounded_advantages(xp, advantages, xp.any(valid, axis=-1))
        return GatedSignal(bounded, valid, self.algorithm.prepare(group))

    def loss(self, log_probs: Array, signal: GatedSignal) -> Loss:
        """The gated loss, `[...]`."""
        check_signal(signal, GatedSignal)
        value, weight = self.algorithm.loss(log_probs, signal.inner)
        now, signal = current_tokens(log_probs, signal, GatedSignal)
        xp, constant = now.xp, now.ops.stop_gradient(now.log_probs)
        surprisal = -xp.sum(where_else(xp, xp.isfinite(constant), constant, 0.0), axis=-1)
        delight = mean(xp, signal.advantages * surprisal, xp.any(signal.valid, axis=-1))
        gate = 0.5 * (1 + xp.tanh(divided(xp, delight, 2 * self.eta)))
        return Loss(gate * value, weight)
