"""Two losses that most policy-gradient methods share: the score-function estimator and PPO's clipped surrogate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import weighed
from tpo.core.losses.advantages import Advantages
from tpo.core.losses.current import current_tokens
from tpo.core.losses.ratios import clipped_surrogate, log_ratios
from tpo.core.losses.reductions import reduce_tokens
from tpo.core.options import check_number
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array
    from tpo.core.loss import Loss


def score_function_loss(log_probs: Array, signal: Advantages, reduction: str) -> Loss:
    """The score-function loss `-A · log_probs`, reduced to `[...]`. `log_probs` are shaped as the group's, in nats.

    Where `A` is 0, as in a tied group, the loss is 0, even at a log-prob of `-inf`.
    """
    now, signal = current_tokens(log_probs, signal, Advantages)
    return reduce_tokens(now.xp, weighed(now.xp, -signal.advantages, now.log_probs), signal.valid, reduction)


def clipped_loss(
    log_probs: Array, signal: Advantages, reduction: str, *, below: float, above: float, dual_clip: float = 0.0
) -> Loss:
    """PPO's clipped surrogate `-min(r A, clip(r, 1 - below, 1 + above) A)`, reduced to `[...]`.

    Args:
        log_probs: `[..., K]` or `[..., K, T]` as the group's, in nats.
        signal: The advantages, and the old log-probs that the likelihood ratio `r` refers to.
        reduction: A name from `tpo.core.losses.reductions`.
        below: How far below 1 the ratio is clipped.
        above: How far above 1.
        dual_clip: Upper bound on the ratio where the advantage is negative; 0 switches it off.
    """
    now, signal = current_tokens(log_probs, signal, Advantages)
    log_ratio = log_ratios(now, signal.old_log_probs, signal.valid)
    losses = -clipped_surrogate(now.xp, log_ratio, signal.advantages, below, above, dual_clip)
    return reduce_tokens(now.xp, losses, signal.valid, reduction)


def check_dual_clip(value: float) -> None:
    """Raise an error for a dual clip that would bound a ratio of 1.

    Raises:
        InvalidArgumentError: It is neither 0 nor above 1.
    """
    check_number("dual_clip", value, "0 switches it off, 3 is usual.")
    if not (value == 0 or 1 < value < math.inf):
        raise InvalidArgumentError(f"`dual_clip` must be 0 or above 1; got {value}. 0 switches it off, 3 is usual.")
