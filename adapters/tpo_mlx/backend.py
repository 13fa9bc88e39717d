"""The MLX adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mlx.core as mx
import numpy as np

from tpo import EagerOps, InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

DEVICES = {"cpu": mx.cpu, "gpu": mx.gpu}


def sort(array: Any, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Sort by `mlx.core.sort`, in ascending order. Equal values are indistinguishable, so every sort is stable."""
    del stable
    return -mx.sort(-array, axis=axis) if descending else mx.sort(array, axis=axis)


def reduction(name: str, of_nothing: int) -> Callable[..., Any]:
    """Wrap the reduction called `name` so that it gives `of_nothing` for empty arrays, in no time.

    MLX 0.32 takes minutes to reduce over an axis without elements, depending on what was in memory before.
    """
    reduce = getattr(mx, name)

    def reduce_any(array: Any, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Any:
        if array.size:
            return reduce(array, axis=axis, keepdims=keepdims)
        shape = np.zeros(array.shape, bool).any(axis=axis, keepdims=keepdims).shape
        return mx.full(shape, of_nothing).astype(reduce(mx.zeros(1, array.dtype)).dtype)

    return reduce_any


class Namespace:
    """`mlx.core` with the names of the Array API standard."""

    bool = mx.bool_
    sort = staticmethod(sort)
    sum = staticmethod(reduction("sum", 0))
    any = staticmethod(reduction("any", 0))
    all = staticmethod(reduction("all", 1))

    @staticmethod
    def asarray(values: Any, dtype: Any = None, *, device: None = None) -> Any:
        """`mlx.core.asarray`; `device` is ignored, since all devices share one memory."""
        del device
        return mx.asarray(values, dtype=dtype)

    @staticmethod
    def clip(array: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the standard's names
        """`mlx.core.clip`, with optional bounds."""
        return mx.clip(array, min, max)

    def __getattr__(self, name: str) -> Any:
        """A function that `mlx.core` names as the standard does."""
        return getattr(mx, name)


XP = Namespace()


class MlxBackend(EagerOps):
    """MLX as a backend; all devices share one memory."""

    name = "mlx"

    def __init__(self, device: str | None = None) -> None:
        """Compute on `device`, `cpu` or `gpu`; MLX's default if `None`.

        Raises:
            InvalidArgumentError: MLX has no such device here.
        """
        if device is None:
            return
        if device not in DEVICES or not mx.is_available(DEVICES[device]):
            available = ", ".join(name for name, kind in DEVICES.items() if mx.is_available(kind))
            message = f"the device must be one that MLX has here; got {device!r}. Available: {available}."
            raise InvalidArgumentError(message)
        mx.set_default_device(DEVICES[device])

    def namespace(self) -> Any:
        """`mlx.core` with the names of the Array API standard."""
        return XP

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert to an MLX array; float64 becomes float32, which MLX computes in."""
        array = np.asarray(values, order="C")
        kind = array.dtype.name if dtype is None else dtype
        return mx.array(array, dtype=mx.float32 if kind == "float64" else getattr(XP, kind))

    def adopt(self, values: Any, like: Any) -> Any:
        """Convert to an MLX array."""
        del like
        return self.asarray(values)

    def to_numpy(self, array: Any) -> Any:
        """Convert to NumPy; bfloat16, which NumPy lacks, becomes float32."""
        return np.asarray(array.astype(mx.float32) if array.dtype == mx.bfloat16 else array)

    def stop_gradient(self, array: Any) -> Any:
        """Stop the gradient by `mlx.core.stop_gradient`."""
        return mx.stop_gradient(array)

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """`mlx.core.vjp` needs the cotangent in advance, so the pullback runs the function again."""
        return function(primal), lambda cotangent: mx.vjp(function, [primal], [cotangent])[1][0]
