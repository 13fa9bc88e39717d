"""What the core asks of an array library, answered by the Array API alone. Adapters inherit it and do better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace

FLOOR_SHARE = 0.25
"""The floor of log-probs, as a share of the lowest finite number: sums and differences of floors stay finite."""


class NeutralOps:
    """Everything in `ops.Ops` but the namespace, for a library that neither differentiates nor compiles.

    An adapter for a library that differentiates defines `stop_gradient` too. The rest is right for every library, and
    overridden where the library has something faster.
    """

    def namespace(self) -> Namespace:
        """The Array API namespace."""
        raise NotImplementedError

    def stop_gradient(self, array: Array) -> Array:
        """The array itself."""
        return array

    def log_softmax(self, array: Array) -> Array:
        """The neutral formula."""
        return neutral_log_softmax(self.namespace(), array)

    def with_gradient(self, value: Array, array: Array, gradient: Array) -> Array:
        """`value` plus a term that is 0 and linear in `array`."""
        xp, constant = self.namespace(), self.stop_gradient(gradient)
        moved = xp.where(constant != 0, xp.clip(array, floor_of(xp, array)), xp.zeros_like(array))
        # A term that is 0, with the first derivative g and the second g': that of g alone would be twice g'.
        slope = constant + 0.5 * (gradient - constant)
        return value + xp.sum(slope * (moved - self.stop_gradient(moved)), axis=-1)

    def with_own_gradient(self, function: Callable[[Array], tuple[Array, Array]], array: Array) -> Array:
        """The value made constant, and the gradient as it is, in `with_gradient`."""
        value, gradient = function(array)
        return self.with_gradient(self.stop_gradient(value), array, gradient)

    def own(self, array: Array) -> Array:
        """The array itself."""
        return array

    def adopt(self, values: Array, like: Array) -> Array:
        """`values` through the namespace's own `asarray`."""
        return self.namespace().asarray(values, device=array_api_compat.device(like))

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """`numpy.asarray`."""
        return np.asarray(array)

    def run(self, function: Callable[..., Array], *arrays: Array | None, **options: Any) -> Array:
        """The function called."""
        return function(self.namespace(), *arrays, **options)

    def keeps_roundings(self) -> bool:
        """They are kept: nothing is compiled."""
        return True


class PlainOps(NeutralOps):
    """`Ops` of an Array API library without a registered adapter."""

    def __init__(self, namespace: Namespace) -> None:
        """Wrap an Array API `namespace`."""
        self._namespace = namespace

    def namespace(self) -> Namespace:
        """The namespace given."""
        return self._namespace


def floor_of(xp: Namespace, array: Array) -> float:
    """What stands for `-inf` in the dtype of `array`: the exponential of it is 0, and 0 times it is 0."""
    return FLOOR_SHARE * float(xp.finfo(array.dtype).min)


def neutral_log_softmax(xp: Namespace, array: Array) -> Array:
    """Log-softmax over the last axis, `-inf` counting as the floor, so that every result is finite.

    Args:
        xp: The library of the array.
        array: `[..., K]` real floating.

    Returns:
        `[..., K]`: `array - log(sum(exp(array)))`, shifted so that nothing overflows. NaN makes its group NaN.
    """
    finite = xp.clip(array, floor_of(xp, array))
    shifted = finite - xp.max(finite, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))
