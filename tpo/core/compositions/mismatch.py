"""Importance-weight corrections for a sampling engine whose probabilities differ from the trained model's."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar

from tpo.core.arrays.ops import unify
from tpo.core.checks.check_group import check_group
from tpo.core.compositions.base import Corrected, WrappedTraits, check_algorithm, scale_gradient
from tpo.core.losses.advantages import valid_tokens
from tpo.core.losses.current import check_log_probs, check_signal
from tpo.core.losses.ratios import constant_log_ratios
from tpo.core.options import check_number, plain_options
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss

NEEDS = ("rollout_log_probs",)


@dataclass(frozen=True)
class TruncatedIS:
    """Any algorithm with its gradient weighted by `min(old / rollout, cap)`, truncated importance sampling.

    `old / rollout` is the probability of a token (or of a whole candidate, if the group's log-probs are `[..., K]`)
    under the trained model, divided by its probability under the engine that sampled it. The weights multiply the
    gradient in the log-probs; the values of the losses do not change. Where the engine gave no log-prob (NaN), the
    ratio is 1.

    Attributes:
        algorithm: The algorithm to correct.
        cap: Upper bound on the weights, above 0. verl uses 2, TRL 3.

    Raises:
        InvalidArgumentError: `cap` is not positive.

    Source:
        Yao et al. 2025, "Your efficient RL framework secretly brings you off-policy RL training"; Espeholt et al. 2018.

    Example:
        >>> import tpo
        >>> tpo.TruncatedIS(tpo.GRPO(kl=0.0), cap=2.0).traits.needs
        ('rollout_log_probs',)
    """

    algorithm: Algorithm
    _: KW_ONLY
    cap: float = 2.0

    traits: ClassVar[WrappedTraits] = WrappedTraits("truncated importance weights", needs=NEEDS)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_algorithm(self.algorithm)
        check_number("cap", self.cap, "The usual value is 2.")
        if not self.cap > 0:
            raise InvalidArgumentError(f"`cap` must be positive; got {self.cap}. The usual value is 2.")

    def prepare(self, group: Group) -> Corrected:
        """The weights, and the signal of the inner algorithm."""
        check_group(group, self)
        _, xp = group.library()
        ratios = _ratios(group)
        return Corrected(xp.minimum(ratios, xp.full_like(ratios, self.cap)), self.algorithm.prepare(group))

    def loss(self, log_probs: Array, signal: Corrected) -> Loss:
        """The loss of the inner algorithm, `[...]`, with weighted gradients."""
        return _loss(self.algorithm, log_probs, signal)


@dataclass(frozen=True)
class IcePop:
    """Any algorithm with its gradient weighted by `old / rollout` inside a window of ratios, and by 0 outside it.

    Unlike under `TruncatedIS`, tokens on which model and engine disagree strongly have no gradient. They still count in
    the denominators of the losses.

    Attributes:
        algorithm: The algorithm to correct.
        low: The lower end of the window, above 0.
        high: The upper end of the window, at least `low`.

    Raises:
        InvalidArgumentError: `low` is not positive, or exceeds `high`.

    Source:
        Ling team 2025, "Every step evolves" (Ring-1T), the masking function of IcePop; verl's `decoupled_token_icepop`.

    Example:
        >>> import tpo
        >>> tpo.IcePop(tpo.TPO()).traits.update_rule
        'q ∝ p_old exp(u / eta); CE to q; importance weights within a window'
    """

    algorithm: Algorithm
    _: KW_ONLY
    low: float = 0.5
    high: float = 5.0

    traits: ClassVar[WrappedTraits] = WrappedTraits("importance weights within a window", needs=NEEDS)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_algorithm(self.algorithm)
        for name in ("low", "high"):
            check_number(name, getattr(self, name), "The usual values are 0.5 and 5.")
        if not 0 < self.low <= self.high:
            message = f"`low` and `high` must hold 0 < low <= high; got {self.low} and {self.high}."
            raise InvalidArgumentError(f"{message} The usual values are 0.5 and 5.")

    def prepare(self, group: Group) -> Corrected:
        """The weights, and the signal of the inner algorithm."""
        check_group(group, self)
        _, xp = group.library()
        ratios = _ratios(group)
        passes = (ratios >= self.low) & (ratios <= self.high)
        return Corrected(xp.where(passes, ratios, xp.zeros_like(ratios)), self.algorithm.prepare(group))

    def loss(self, log_probs: Array, signal: Corrected) -> Loss:
        """The loss of the inner algorithm, `[...]`, with weighted gradients."""
        return _loss(self.algorithm, log_probs, signal)


def _ratios(group: Group) -> Array:
    """`old / rollout`, shaped as the group's log-probs; 1 for invalid tokens and where the engine gave no log-prob."""
    _, xp = group.library()
    old, rollout = group.by_token(group.old_log_probs), group.by_token(group.rollout_log_probs)
    known = valid_tokens(group) & ~xp.isnan(rollout)
    return xp.reshape(xp.exp(constant_log_ratios(xp, old, rollout, known)), group.old_log_probs.shape)


def _loss(algorithm: Algorithm, log_probs: Array, signal: Corrected) -> Loss:
    check_signal(signal, Corrected)
    ops, (log_probs, weights) = unify(log_probs=log_probs, weights=signal.weights)
    check_log_probs(ops.namespace(), log_probs, signal.weights)
    return algorithm.loss(scale_gradient(ops, log_probs, weights), signal.inner)
