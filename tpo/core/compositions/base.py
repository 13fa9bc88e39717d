"""Shared parts of the algorithms that wrap another algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.errors import InvalidTypeError

if TYPE_CHECKING:
    from tpo.core.algorithms.base import Traits
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array


class Corrected(NamedTuple):
    """The signal of an inner algorithm with weights for its gradient.

    Attributes:
        weights: Factors of the gradient in each log-prob, shaped as the group's log-probs, constant.
        inner: The signal of the inner algorithm.
    """

    weights: Array
    inner: Any


class WrappedTraits:
    """Class attribute for the traits of a wrapper: those of its inner algorithm, with more in update rule and needs.

    Only instances have traits: a class has no inner algorithm.
    """

    def __init__(self, addition: str, *, needs: tuple[str, ...] = (), takes_tokens: bool = False) -> None:
        """Store what is appended to the update rule, the additional needs, and whether it takes tokens in any case."""
        self._addition = addition
        self._needs = needs
        self._takes_tokens = takes_tokens

    def __get__(self, outer: Any, cls: type) -> Traits:
        """Return the traits of an instance.

        Raises:
            AttributeError: The traits of the class are asked for.
        """
        if outer is None:
            message = f"`traits` must be asked of an instance, which has an algorithm inside; got {cls.__name__}."
            raise AttributeError(message)
        inner: Traits = outer.algorithm.traits
        return inner._replace(
            title=f"{cls.__name__}({inner.title or type(outer.algorithm).__name__})",
            update_rule=f"{inner.update_rule}; {self._addition}",
            takes_tokens=inner.takes_tokens or self._takes_tokens,
            needs=tuple(dict.fromkeys((*inner.needs, *self._needs))),
        )


def check_algorithm(algorithm: Any) -> None:
    """Raise an error for an inner algorithm that is none.

    Raises:
        InvalidTypeError: It is something else, such as a name or a class.
    """
    if isinstance(algorithm, type) or not all(hasattr(algorithm, name) for name in ("traits", "prepare", "loss")):
        message = f"`algorithm` must be an algorithm; got {algorithm!r}."
        raise InvalidTypeError(f"{message} For example tpo.TPO().")


def scale_gradient(ops: Ops, log_probs: Array, weights: Array) -> Array:
    """Return `log_probs` unchanged, bit for bit, with gradients multiplied by `weights`; 0 where they are infinite."""
    xp = ops.namespace()
    finite = xp.where(xp.isfinite(log_probs), log_probs, xp.zeros_like(log_probs))
    return ops.stop_gradient(log_probs) + weights * (finite - ops.stop_gradient(finite))
