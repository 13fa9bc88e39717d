"""Divergences between the policy over the group and its target, by name, each with its gradient."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.core.loss import log_policy
from tpo.errors import look_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace

DivergenceName = Literal["forward", "reverse"]
"""Names of the divergences. `forward`: KL(q || p), by its cross-entropy. `reverse`: KL(p || q)."""


class Aim(NamedTuple):
    """The target that the policy over the group is fitted to.

    A divergence needs `minus_q` or `log_q`; the other is `None`.

    Attributes:
        q: `[..., K]` the target.
        minus_q: `[..., K]`, `-q` plus the round-off of the plain softmax at the old policy: added to that softmax, it
            gives exactly 0 for a tied group whose policy has not moved.
        log_q: `[..., K]` in nats: the logarithm of the target up to a constant per group.
        origin: `[..., K]` in nats: subtracted from the log-probs before the softmax over the group; `None` for 0.
        mask: `[..., K]` boolean: the candidates that the policy is over; `None` for every slot.
        present: `[...]` 1 for a group with a possible candidate, 0 for one without.
    """

    q: Array
    minus_q: Array | None
    log_q: Array | None
    origin: Array | None
    mask: Array | None
    present: Array


class Divergence(NamedTuple):
    """The definition of a divergence.

    Attributes:
        rule: Its name in update rules.
        of_logarithms: Whether it needs the logarithm of the target. Only candidates that were possible under the old
            policy have one, so the policy is then over these; otherwise it is over all unmasked candidates.
        value_and_gradient: Computes its value per group, `[...]` in nats, and the gradient in the logits of the
            policy over the group, `[..., K]`, from those logits.
    """

    rule: str
    of_logarithms: bool
    value_and_gradient: Callable[[Ops, Array, Aim], tuple[Array, Array]]


def forward(ops: Ops, logits: Array, aim: Aim) -> tuple[Array, Array]:
    """`-sum_i q_i log p_i`, which is KL(q || p) plus the entropy of `q`, and its gradient in the logits, `p - q`.

    Args:
        ops: The library of the arrays.
        logits: `[..., K]` floating, of the policy `p` over the group.
        aim: The target `q`, with `minus_q`.

    Returns:
        The values, `[...]` in nats, and the gradients, `[..., K]`.
    """
    xp = ops.namespace()
    log_p = log_policy(ops, logits, aim.mask)
    # Subtracted from 0, since the negative of 0, as of a group of one, is -0.
    return 0.0 - xp.sum(aim.q * log_p, axis=-1), exponentials(xp, log_p) + aim.minus_q


def reverse(ops: Ops, logits: Array, aim: Aim) -> tuple[Array, Array]:
    """`sum_i p_i (log p_i - log q_i)`, which is KL(p || q), and its gradient in the logits.

    The gradient is `p_i (d_i - sum_j p_j d_j)`, with `d` the logits minus `log q`. Candidates whose probability is 0
    now add 0 to both.

    Args:
        ops: The library of the arrays.
        logits: `[..., K]` floating, of the policy `p` over the group.
        aim: The target `q`, with `log_q` and `mask`.

    Returns:
        The values, `[...]` in nats, and the gradients, `[..., K]`.
    """
    xp = ops.namespace()
    counted = aim.mask & (ops.stop_gradient(logits) != -math.inf)
    log_p, log_q = (log_policy(ops, values, aim.mask) for values in (logits, aim.log_q))
    p = where_else(xp, counted, exponentials(xp, log_p), 0.0)
    # A constant per group, such as a normalization, would leave the gradient as it is, but for round-off: without any,
    # it is exactly 0 for a tied group whose policy has not moved.
    d = where_else(xp, counted, logits - aim.log_q, 0.0)
    value = xp.sum(p * where_else(xp, counted, log_p - log_q, 0.0), axis=-1)
    return value, p * (d - xp.sum(p * d, axis=-1, keepdims=True))


def exponentials(xp: Namespace, log_p: Array) -> Array:
    """`exp(log_p)` of log-probs.

    The upper limit of 1 changes no value. It keeps a compiler from fusing the exponential with an addition that
    follows, which would round the two once instead of twice.
    """
    return xp.clip(xp.exp(log_p), max=1.0)


DIVERGENCES: Mapping[str, Divergence] = MappingProxyType(
    {
        "forward": Divergence("CE to q", of_logarithms=False, value_and_gradient=forward),
        "reverse": Divergence("KL(p || q)", of_logarithms=True, value_and_gradient=reverse),
    }
)


def divergence_named(name: str) -> Divergence:
    """The divergence called `name`.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("divergence", name, DIVERGENCES)
