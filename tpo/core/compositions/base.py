"""What the algorithms that wrap another share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.ops import Array, Ops


class Corrected(NamedTuple):
    """A signal, and what the gradient that it brings is multiplied by.

    Attributes:
        weights: Shaped as the group's log-probs, constant.
        inner: The signal of the algorithm inside.
    """

    weights: Array
    inner: Any


def declare(outer: Algorithm, inner: Algorithm, addition: str, *, needs: tuple[str, ...] = ()) -> None:
    """Give `outer` the traits of `inner`, which it wraps, with the `addition` to its update rule and needs."""
    traits = inner.traits
    wrapping = traits._replace(
        title=f"{type(outer).__name__}({traits.title or type(inner).__name__})",
        update_rule=f"{traits.update_rule}; {addition}",
        needs=tuple(dict.fromkeys((*traits.needs, *needs))),
    )
    object.__setattr__(outer, "traits", wrapping)


def scale_gradient(ops: Ops, log_probs: Array, weights: Array) -> Array:
    """`log_probs` bit for bit, through which a gradient flows back multiplied by `weights`; none where infinite."""
    xp = ops.namespace()
    finite = xp.where(xp.isfinite(log_probs), log_probs, xp.zeros_like(log_probs))
    return ops.stop_gradient(log_probs) + weights * (finite - ops.stop_gradient(finite))
