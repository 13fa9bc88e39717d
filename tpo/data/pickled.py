"""Reading MNIST from a pickle of NumPy arrays without running any other code that the pickle names."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.data import idx
from tpo.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS = 256
"""Divisor of the pixels' bytes in the pickle."""

SIDE = 28
RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
"""The function that NumPy's pickles call to create an array."""

ADMITTED: Mapping[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
"""The functions and classes that the pickle of an array may name, by module and name."""


class ArrayUnpickler(pickle.Unpickler):
    """An unpickler of tuples, lists and NumPy arrays that refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        """Resolve `module.name` of a pickle.

        Raises:
            UnpicklingError: It is not part of an array.
        """
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of an array")
        return ADMITTED[module, name]


def read_arrays(content: bytes) -> Any:
    """Unpickle tuples and lists of arrays.

    Raises:
        DataError: It is damaged, or holds something else.
    """
    try:
        return ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    except (pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        message = f"the pickle must hold NumPy arrays and nothing else; got one that does not ({error})."
        raise DataError(f"{message} Nothing in it was run. Take another source.") from error


def idx_files(content: bytes, names: tuple[str, str, str, str]) -> dict[str, bytes]:
    """Convert a pickle `((images, labels), (images, labels), (images, labels))` to four idx files.

    Args:
        content: The pickle. Images are `[N, 784]`, bytes over 256; the first two pairs, in order, are the training set.
        names: File names for the images and labels of the training set, then of the test set.

    Raises:
        DataError: It holds something else.
    """
    try:
        (first, first_labels), (second, second_labels), (images, labels) = read_arrays(content)
        arrays = (
            _pixels(np.concatenate([first, second])),
            np.concatenate([first_labels, second_labels]).astype(np.uint8),
            _pixels(images),
            labels.astype(np.uint8),
        )
    except (ValueError, TypeError, AttributeError) as error:
        message = f"the pickle must hold three pairs of images and labels; got something else ({error})."
        raise DataError(f"{message} Take another source.") from error
    return {name: idx.encode(values) for name, values in zip(names, arrays, strict=True)}


def _pixels(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.round(LEVELS * images).astype(np.uint8).reshape(-1, SIDE, SIDE)
