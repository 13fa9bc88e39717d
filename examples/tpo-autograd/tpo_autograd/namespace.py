"""`autograd.numpy` with the Array API's names, including those that autograd lacks or cannot differentiate."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as plain
import autograd.numpy as traced


class Namespace:
    """An Array API namespace: array functions are autograd's, dtypes and dtype functions are NumPy's."""

    bool = plain.bool
    isdtype = staticmethod(plain.isdtype)
    finfo = staticmethod(plain.finfo)
    permute_dims = staticmethod(traced.transpose)
    concat = staticmethod(traced.concatenate)
    __array_namespace_info__ = staticmethod(plain.__array_namespace_info__)

    def __getattr__(self, name: str) -> Any:
        """A function with the same name in autograd and in the standard."""
        return getattr(traced, name)

    @staticmethod
    def asarray(values: Any, dtype: Any = None, *, device: str | None = None) -> Any:
        """NumPy's `asarray`; all arrays are on the host."""
        del device
        return plain.asarray(values, dtype=dtype)

    @staticmethod
    def astype(array: Any, dtype: Any) -> Any:
        """Cast by the method `astype`, which autograd traces."""
        return array.astype(dtype)

    @staticmethod
    def matrix_transpose(array: Any) -> Any:
        """Swap the last two axes."""
        return traced.swapaxes(array, -1, -2)

    @staticmethod
    def clip(array: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the standard's names
        """Clip with optional bounds."""
        return traced.clip(array, min, max)

    @staticmethod
    def cumulative_sum(array: Any, *, axis: int) -> Any:
        """Cumulative sum by `cumsum`."""
        return traced.cumsum(array, axis=axis)

    @staticmethod
    def sort(array: Any, *, axis: int = -1, descending: bool = False) -> Any:
        """Sort in either direction."""
        ordered = traced.sort(array, axis=axis)
        return traced.flip(ordered, axis=axis) if descending else ordered

    @staticmethod
    def unstack(array: Any) -> tuple[Any, ...]:
        """Split an array along axis 0."""
        return tuple(array[index] for index in range(array.shape[0]))


xp = Namespace()
