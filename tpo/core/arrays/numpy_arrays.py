"""Checks of NumPy arrays: the byte order is converted, and what no library can compute with is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from tpo.errors import InvalidArgumentError, InvalidTypeError

NUMPY = (np.ndarray, np.generic)
"""Types of NumPy's arrays and scalars."""

NUMERIC_KINDS = "biuf"
"""Kinds of dtypes that are accepted: booleans, signed and unsigned integers, real floating numbers."""

WIDEST = 8
"""Bytes of the widest number that all array libraries have."""

REMEDIES = {
    "f": "Convert it: x.astype(numpy.float64).",
    "O": "Convert it: x.astype(numpy.float64).",
    "c": "Take its real part: x.real.",
}
"""Remedies for arrays of other dtypes, by the kind of the dtype."""

OF_ANOTHER_PACKAGE = 2
"""`numpy.dtype.isbuiltin` of dtypes that other packages define, such as bfloat16: NumPy itself has no such numbers."""

UNLIKE_ARRAYS = {
    np.ma.MaskedArray: "Pass its data, and where it is valid as `mask`: x.filled(0), ~numpy.ma.getmaskarray(x)",
    np.matrix: "Convert it: numpy.asarray(x)",
}
"""Subclasses of `numpy.ndarray` whose arithmetic differs, with the remedy for each."""


def usable(name: str, array: Any) -> Any:
    """Check a NumPy array and convert it to the byte order of this machine.

    Raises:
        InvalidTypeError: It is of a subclass whose arithmetic differs from that of arrays.
        InvalidArgumentError: It holds no real numbers of at most 64 bits.
    """
    for kind, remedy in UNLIKE_ARRAYS.items():
        if isinstance(array, kind):
            raise InvalidTypeError(f"`{name}` must be a plain array; got {type(array).__name__}. {remedy}.")
    dtype = array.dtype
    if dtype.kind not in NUMERIC_KINDS or dtype.itemsize > WIDEST:
        if dtype.isbuiltin == OF_ANOTHER_PACKAGE:
            message = f"`{name}` must be of a dtype that NumPy defines; got {dtype}."
            raise InvalidArgumentError(f"{message} Convert it: x.astype(numpy.float32).")
        message = f"`{name}` must hold real numbers or booleans of at most 64 bits; got {dtype}."
        remedy = REMEDIES.get(dtype.kind, "Give an array of numbers.")
        raise InvalidArgumentError(f"{message} {remedy}")
    return array if dtype.isnative else array.astype(dtype.newbyteorder("="))
