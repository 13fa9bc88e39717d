"""NumPy arrays that mathematics can be done with, in any library: others are converted, or refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from tpo.errors import InvalidArgumentError, InvalidTypeError

NUMPY = (np.ndarray, np.generic)
"""The types of NumPy's arrays and scalars."""

RESULTS_VERSION = "biuf"
"""Kinds of dtypes: booleans, signed and unsigned integers, real floating numbers."""

WIDEST = 8
"""Bytes of the widest number that other libraries have."""

UNLIKE_ARRAYS = {
    np.ma.MaskedArray: "Pass its data, and where it is valid as `mask`: x.filled(0), ~numpy.ma.getmaskarray(x)",
    np.matrix: "Convert it: numpy.asarray(x)",
}
"""Subclasses of `numpy.ndarray` that compute otherwise, and what to do about each."""


def usable(name: str, array: Any) -> Any:
    """A NumPy array in the byte order of this machine.

    Raises:
        InvalidTypeError: It is of a class that computes otherwise than arrays do.
        InvalidArgumentError: It holds no real numbers of at most 64 bits.
    """
    for kind, remedy in UNLIKE_ARRAYS.items():
        if isinstance(array, kind):
            raise InvalidTypeError(f"`{name}` must be a plain array; got {type(array).__name__}. {remedy}.")
    dtype = array.dtype
    if dtype.kind not in RESULTS_VERSION or dtype.itemsize > WIDEST:
        message = f"`{name}` must hold real numbers or booleans of at most 64 bits; got {dtype}."
        raise InvalidArgumentError(f"{message} Convert it: x.astype(numpy.float64).")
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))
