"""Weights over the candidates of a group by exponentiated advantages, and the temperature that bounds them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tpo.core.arithmetic.fast import tilted_softmax
from tpo.core.arithmetic.limits import bounded_advantages, divided, within_range
from tpo.core.arrays.elementwise import count, log_or_zero, where_else
from tpo.core.losses.acceptance import nth
from tpo.core.options import check_number
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace

LOG2_RANGE = 24.0
"""Log2 of the search range: temperatures are sought between the span of a group's advantages times `2**-LOG2_RANGE`
and times `2**LOG2_RANGE`."""

BISECTIONS = 48
"""Bisection steps; they determine the temperature to a relative 2e-13."""


def exponentiated(ops: Ops, advantages: Array, valid: Array, eta: float | None, epsilon: float) -> Array:
    """Weights at the temperature `eta`; for `None`, at the temperature that puts them `epsilon` nats from uniform."""
    xp = ops.namespace()
    advantages = bounded_advantages(xp, advantages, valid)
    if eta is None:
        return softmax_weights(xp, advantages, valid, ops.run(dual_temperature, advantages, valid, epsilon=epsilon))
    return softmax_weights(xp, advantages, valid, within_range(xp, advantages, eta))


def softmax_weights(xp: Namespace, advantages: Array, valid: Array, eta: float | Array) -> Array:
    """`softmax(advantages / eta)` over each group's valid candidates, `[..., K]`; exactly 0 elsewhere."""
    return tilted_softmax(xp, below_best(xp, advantages, valid) / eta, None, valid)


def dual_temperature(xp: Namespace, advantages: Array, valid: Array, *, epsilon: float) -> Array:
    """The temperature at which the weights are `epsilon` nats from uniform: the minimum of MPO's dual.

    The dual is `g(eta) = eta epsilon + eta log mean exp(A / eta)`, and `g'(eta) = epsilon - KL(weights || uniform)`.
    The divergence falls in eta, so bisection finds the zero; a fixed number of halvings suits compilation.

    Args:
        xp: The library of the arrays.
        advantages: `[..., K]`.
        valid: `[..., K]` boolean.
        epsilon: Bound on the divergence, in nats.

    Returns:
        `[..., 1]`, in the unit of the advantages. Where no temperature reaches `epsilon`, because a group is tied or
        so small that `epsilon` exceeds the logarithm of its size, it is the lowest of the search range: weights are
        then uniform over the best candidates.

    Source:
        Abdolmaleki et al. 2018 (arXiv 1806.06920), the dual of the E-step, for one group.
    """
    below = below_best(xp, advantages, valid)
    span = -xp.min(where_else(xp, valid, below, 0.0), axis=-1, keepdims=True)
    unit = where_else(xp, span > 0, span, 1.0)
    below = below / unit
    low = xp.full_like(unit, -LOG2_RANGE)
    high = xp.full_like(unit, LOG2_RANGE)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        weights = tilted_softmax(xp, below / xp.exp(middle * math.log(2)), None, valid)
        sharp = divergence_from_uniform(xp, weights, valid) > epsilon
        low, high = xp.where(sharp, middle, low), xp.where(sharp, high, middle)
    return unit * xp.exp(high * math.log(2))


def divergence_from_uniform(xp: Namespace, weights: Array, valid: Array) -> Array:
    """KL(weights || uniform) over the valid candidates, `[..., 1]` in nats."""
    surprise = log_or_zero(xp, weights)
    number = count(xp, valid, weights)
    return xp.sum(weights * surprise, axis=-1, keepdims=True) + xp.log(where_else(xp, number > 0, number, 1.0))


def cut_off_exponential(xp: Namespace, advantages: Array, eta: float, highest: float) -> Array:
    """`min(exp(advantages / eta), highest)`, `[..., K]`, without overflow."""
    exponents = xp.minimum(divided(xp, advantages, eta), xp.full_like(advantages, math.log(highest) + 1))
    return xp.minimum(xp.exp(exponents), xp.full_like(exponents, highest))


def best_half(xp: Namespace, advantages: Array, valid: Array) -> Array:
    """The better half of the valid candidates, `[..., K]` boolean: rounded down, at least one, and all ties."""
    ordered = xp.sort(where_else(xp, valid, advantages, -math.inf), axis=-1, descending=True)
    number = xp.floor(count(xp, valid, advantages) / 2)
    return valid & (advantages >= nth(xp, ordered, xp.maximum(number, xp.ones_like(number)) - 1))


def check_temperature(eta: float | None, epsilon: float) -> None:
    """Raise an error if a temperature, or the bound that determines one, is not a positive number.

    Raises:
        InvalidArgumentError: One of them is 0, negative, infinite or NaN.
    """
    given = {"epsilon": epsilon} if eta is None else {"epsilon": epsilon, "eta": eta}
    for name, value in given.items():
        check_number(name, value, "With eta=None the temperature is found from `epsilon`.")
        if not 0 < value < math.inf:
            message = f"`{name}` must be a positive number; got {value}."
            raise InvalidArgumentError(f"{message} With eta=None the temperature is found from `epsilon`.")


def below_best(xp: Namespace, advantages: Array, valid: Array) -> Array:
    """Advantages minus the best of their group, at most 0; 0 in invalid slots."""
    best = xp.max(where_else(xp, valid, advantages, -math.inf), axis=-1, keepdims=True)
    return where_else(xp, valid, where_else(xp, valid, advantages, 0.0) - where_else(xp, valid, best, 0.0), 0.0)
