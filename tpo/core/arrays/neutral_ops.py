"""The operations that the core needs, by the Array API alone. Adapters inherit them and override what is faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace

FLOOR_SHARE = 0.25
"""Floor of log-probs as a share of the lowest finite number, so that sums and differences of floors stay finite."""


class NeutralOps:
    """Base class of `ops.Ops` implementations: all but the namespace, for a library without autodiff or compilation.

    An adapter for a library that differentiates defines `stop_gradient`, too. The rest is correct for every library;
    adapters override what their library does faster.
    """

    def namespace(self) -> Namespace:
        """The Array API namespace."""
        raise NotImplementedError

    def stop_gradient(self, array: Array) -> Array:
        """Return the array itself: nothing differentiates it."""
        return array

    def log_softmax(self, array: Array) -> Array:
        """Log-softmax by the Array API formula, `neutral_log_softmax`."""
        return neutral_log_softmax(self.namespace(), array)

    def with_gradient(self, value: Array, array: Array, gradient: Array) -> Array:
        """Add to `value` a term that is 0 and has the wanted gradient in `array`."""
        xp, constant = self.namespace(), self.stop_gradient(gradient)
        moved = xp.where(constant != 0, xp.clip(array, floor_of(xp, array)), xp.zeros_like(array))
        # The first derivative of the term is g and the second g'. With `slope = gradient` the second would be 2 g'.
        slope = constant + 0.5 * (gradient - constant)
        return value + xp.sum(slope * (moved - self.stop_gradient(moved)), axis=-1)

    def with_own_gradient(self, function: Callable[[Array], tuple[Array, Array]], array: Array) -> Array:
        """Evaluate `function` and attach its gradient to its value by `with_gradient`."""
        value, gradient = function(array)
        return self.with_gradient(self.stop_gradient(value), array, gradient)

    def own(self, array: Array) -> Array:
        """Return the array itself."""
        return array

    def adopt(self, values: Array, like: Array) -> Array:
        """Convert NumPy `values` by the namespace's `asarray`, on the device of `like`."""
        return self.namespace().asarray(values, device=array_api_compat.device(like))

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """Convert to NumPy by `numpy.asarray`."""
        return np.asarray(array)

    def run(self, function: Callable[..., Array], *arrays: Array | None, **options: Any) -> Array:
        """Call the function without compiling it."""
        return function(self.namespace(), *arrays, **options)

    def keeps_roundings(self) -> bool:
        """Return true: nothing is compiled, so operations round as written."""
        return True


class PlainOps(NeutralOps):
    """`Ops` of an Array API library without a registered adapter."""

    def __init__(self, namespace: Namespace) -> None:
        """Wrap an Array API `namespace`."""
        self._namespace = namespace

    def namespace(self) -> Namespace:
        """The namespace that was given."""
        return self._namespace


def floor_of(xp: Namespace, array: Array) -> float:
    """The finite number that replaces `-inf` in the dtype of `array`: its exponential is 0, and 0 times it is 0."""
    return FLOOR_SHARE * float(xp.finfo(array.dtype).min)


def neutral_log_softmax(xp: Namespace, array: Array) -> Array:
    """Log-softmax over the last axis, with `-inf` replaced by the floor, so that every result is finite.

    Args:
        xp: The library of the array.
        array: `[..., K]` real floating.

    Returns:
        `[..., K]`: `array - log(sum(exp(array)))`, shifted so that nothing overflows. NaN makes its group NaN.
    """
    finite = xp.clip(array, floor_of(xp, array))
    shifted = finite - xp.max(finite, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))
