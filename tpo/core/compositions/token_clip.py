"""Clipping the likelihood ratios of tokens, for algorithms on whole candidates."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.core.checks.check_group import check_group
from tpo.core.compositions.base import WrappedTraits, check_algorithm
from tpo.core.losses.advantages import valid_tokens
from tpo.core.losses.current import current_tokens
from tpo.core.options import check_number, plain_options
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group
    from tpo.core.loss import Loss


class TokenClipSignal(NamedTuple):
    """The signal of `TokenClip`.

    Attributes:
        old: `[..., K]` in nats: old log-probs of whole candidates.
        old_log_probs: `[..., K, T]` in nats.
        valid: `[..., K, T]` boolean: unmasked tokens of nonzero probability.
        inner: The signal of the inner algorithm, for the sums over tokens.
    """

    old: Array
    old_log_probs: Array
    valid: Array
    inner: Any


@dataclass(frozen=True)
class TokenClip:
    """An algorithm on whole candidates, with the log-ratio of each token clipped to `log(1 ± epsilon)`.

    The log-prob of a candidate is the old one plus the sum of its tokens' log-ratios to the old policy, each clipped to
    `[log(1 - epsilon), log(1 + epsilon)]`. A token beyond the interval has no gradient, so that no token moves far in
    one rollout. With `TPO(anchor="ratio")` inside, this is the token clip of Listwise Policy Optimization.

    Attributes:
        algorithm: The algorithm inside, which takes log-probs of whole candidates.
        epsilon: Half-width of the interval for the likelihood ratio, above 0 and below 1.

    Raises:
        InvalidArgumentError: `epsilon` is out of range, or the algorithm takes tokens itself.

    Source:
        Listwise Policy Optimization (arXiv 2605.06139), with `epsilon` .2.

    Example:
        >>> import tpo
        >>> tpo.TokenClip(tpo.TPO(anchor="ratio"), epsilon=0.2).traits.takes_tokens
        True
    """

    algorithm: Algorithm
    _: KW_ONLY
    epsilon: float = 0.2

    traits: ClassVar[WrappedTraits] = WrappedTraits("log-ratios of tokens clipped", takes_tokens=True)

    def __post_init__(self) -> None:
        """Check the options."""
        plain_options(self)
        check_algorithm(self.algorithm)
        check_number("epsilon", self.epsilon, "The usual value is 0.2.")
        if not 0 < self.epsilon < 1:
            message = f"`epsilon` must be above 0 and below 1; got {self.epsilon}."
            raise InvalidArgumentError(f"{message} The usual value is 0.2.")
        if self.algorithm.traits.takes_tokens:
            name = type(self.algorithm).__name__
            message = f"`algorithm` must be one on whole candidates, such as TPO; got {name}, which clips by itself."
            raise InvalidArgumentError(f"{message} Use it without TokenClip.")

    def prepare(self, group: Group) -> TokenClipSignal:
        """The old log-probs of tokens, and the signal of the inner algorithm for whole candidates."""
        check_group(group, self)
        whole = group.summed()
        tokens = group.by_token(group.old_log_probs)
        return TokenClipSignal(whole.old_log_probs, tokens, valid_tokens(group), self.algorithm.prepare(whole))

    def loss(self, log_probs: Array, signal: TokenClipSignal) -> Loss:
        """The loss of the inner algorithm, `[...]`, at the clipped log-probs."""
        now, signal = current_tokens(log_probs, signal, TokenClipSignal)
        xp = now.xp
        old = where_else(xp, signal.valid, signal.old_log_probs, 0.0)
        ratios = xp.clip(now.log_probs - old, math.log1p(-self.epsilon), math.log1p(self.epsilon))
        moved = xp.sum(where_else(xp, signal.valid, ratios, 0.0), axis=-1)
        return self.algorithm.loss(signal.old + moved, signal.inner)
