"""What the algorithms that wrap another share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Traits
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array


class Corrected(NamedTuple):
    """A signal, and what the gradient that it brings is multiplied by.

    Attributes:
        weights: Shaped as the group's log-probs, constant.
        inner: The signal of the algorithm inside.
    """

    weights: Array
    inner: Any


class WrappedTraits:
    """The traits of the `algorithm` inside, with an addition to its update rule and needs. A class has none."""

    def __init__(self, addition: str, *, needs: tuple[str, ...] = ()) -> None:
        """Add to the update rule and to the needs."""
        self._addition = addition
        self._needs = needs

    def __get__(self, outer: Any, cls: type) -> Traits:
        """The traits of an instance.

        Raises:
            AttributeError: They are asked of the class.
        """
        if outer is None:
            message = f"`traits` must be asked of an instance, which has an algorithm inside; got {cls.__name__}."
            raise AttributeError(message)
        inner: Traits = outer.algorithm.traits
        return inner._replace(
            title=f"{cls.__name__}({inner.title or type(outer.algorithm).__name__})",
            update_rule=f"{inner.update_rule}; {self._addition}",
            needs=tuple(dict.fromkeys((*inner.needs, *self._needs))),
        )


def scale_gradient(ops: Ops, log_probs: Array, weights: Array) -> Array:
    """`log_probs` bit for bit, through which a gradient flows back multiplied by `weights`; none where infinite."""
    xp = ops.namespace()
    finite = xp.where(xp.isfinite(log_probs), log_probs, xp.zeros_like(log_probs))
    return ops.stop_gradient(log_probs) + weights * (finite - ops.stop_gradient(finite))
