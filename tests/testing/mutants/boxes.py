"""NumPy in boxes: an array library without an adapter, of which any operation can be replaced."""

from __future__ import annotations

import operator
from typing import Any

import array_api_compat.numpy as plain
import numpy as np

from tpo import EagerOps

OPERATORS = ("add", "sub", "mul", "truediv", "pow", "and", "or", "eq", "ne", "lt", "le", "gt", "ge")
REFLECTED = ("add", "sub", "mul", "truediv", "and", "or")
SIGNS = ("neg", "abs", "invert")


class Library:
    """A namespace. What `altered` has by name is called instead of NumPy's function; `flush` sees every result."""

    def __init__(self, altered=None, flush=None) -> None:
        self.altered, self.flush = altered or {}, flush or (lambda values: values)
        self.box = type("Box", (_Box,), {"library": self})

    def __getattr__(self, name: str) -> Any:
        found = getattr(plain, name)
        if isinstance(found, type) or not callable(found):
            return found
        return lambda *arguments, **keywords: self.call(name, found, *arguments, **keywords)

    def call(self, name, usual, *arguments, **keywords):
        """Call the function `name` on the contents of boxes, and box the arrays among its results."""
        with np.errstate(all="ignore"):
            result = self.altered.get(name, usual)(*map(opened, arguments), **keywords)
        return self.boxed(result)

    def boxed(self, result):
        if isinstance(result, np.ndarray | np.generic):
            return self.box(np.asarray(self.flush(result)))
        return [self.boxed(item) for item in result] if isinstance(result, list | tuple) else result


class _Box:
    library: Library

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.dtype, self.shape, self.ndim = values.dtype, values.shape, values.ndim

    def __array_namespace__(self, api_version=None) -> Library:
        del api_version
        return self.library

    def __getitem__(self, place):
        return self.library.boxed(self.values[opened(place)])

    def __bool__(self) -> bool:
        return bool(self.values)

    def __float__(self) -> float:
        return float(self.values)

    __hash__ = None


def opened(item: Any) -> Any:
    """Unbox an array, or the arrays of a list or a tuple."""
    if isinstance(item, _Box):
        return item.values
    return type(item)(map(opened, item)) if isinstance(item, list | tuple) else item


def _binary(name, *, swapped=False):
    function = getattr(operator, f"__{name}__")

    def method(self, other):
        pair = (other, self) if swapped else (self, other)
        return self.library.call(name, function, *pair)

    return method


def _unary(name):
    return lambda self: self.library.call(name, getattr(operator, f"__{name}__"), self)


for _name in OPERATORS:
    setattr(_Box, f"__{_name}__", _binary(_name))
for _name in REFLECTED:
    setattr(_Box, f"__r{_name}__", _binary(_name, swapped=True))
for _name in SIGNS:
    setattr(_Box, f"__{_name}__", _unary(_name))


class BoxedBackend(EagerOps):
    """A backend of the boxed library."""

    name = "numpy"

    def __init__(self, **altered) -> None:
        self.library = Library(**altered)

    def namespace(self) -> Library:
        return self.library

    def asarray(self, values, *, dtype=None):
        return self.library.box(np.array(values, dtype=dtype))

    def to_numpy(self, array):
        return np.asarray(array.values)
