"""`autograd.numpy` under the names of the Array API, where it has others or no gradient for the newer ones."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as plain
import autograd.numpy as traced


class Namespace:
    """Functions of arrays, traced by autograd; dtypes and questions about them, NumPy's own."""

    bool = plain.bool
    isdtype = staticmethod(plain.isdtype)
    finfo = staticmethod(plain.finfo)
    permute_dims = staticmethod(traced.transpose)
    concat = staticmethod(traced.concatenate)
    __array_namespace_info__ = staticmethod(plain.__array_namespace_info__)

    def __getattr__(self, name: str) -> Any:
        """What both call the same."""
        return getattr(traced, name)

    @staticmethod
    def asarray(values: Any, dtype: Any = None, *, device: str | None = None) -> Any:
        """NumPy's; all arrays are on the host."""
        del device
        return plain.asarray(values, dtype=dtype)

    @staticmethod
    def astype(array: Any, dtype: Any) -> Any:
        """The method, which autograd traces."""
        return array.astype(dtype)

    @staticmethod
    def matrix_transpose(array: Any) -> Any:
        """The last two axes swapped."""
        return traced.swapaxes(array, -1, -2)

    @staticmethod
    def clip(array: Any, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the standard's names
        """With either bound left out."""
        return traced.clip(array, min, max)

    @staticmethod
    def cumulative_sum(array: Any, *, axis: int) -> Any:
        """`cumsum`."""
        return traced.cumsum(array, axis=axis)

    @staticmethod
    def sort(array: Any, *, axis: int = -1, descending: bool = False) -> Any:
        """In either direction."""
        ordered = traced.sort(array, axis=axis)
        return traced.flip(ordered, axis=axis) if descending else ordered

    @staticmethod
    def unstack(array: Any) -> tuple[Any, ...]:
        """Along axis 0."""
        return tuple(array[index] for index in range(array.shape[0]))


xp = Namespace()
