"""The files of MNIST from a pickle of NumPy arrays, without running what else a pickle may hold."""

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
"""A pixel is stored as its byte over this."""

SIDE = 28
RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
"""What NumPy's own pickles call to make an array."""

ADMITTED: Mapping[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
"""All that an array is made of, by module and name."""


class ArrayUnpickler(pickle.Unpickler):
    """Reads tuples, lists and NumPy arrays, and refuses whatever else a pickle names."""

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle calls `module.name`.

        Raises:
            UnpicklingError: It is no part of an array.
        """
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of an array")
        return ADMITTED[module, name]


def read_arrays(content: bytes) -> Any:
    """What a pickle of arrays holds.

    Raises:
        DataError: It is damaged, or holds something else.
    """
    try:
        return ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
    except (pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError) as error:
        message = f"the pickle must hold NumPy arrays and nothing else; got one that does not ({error})."
        raise DataError(f"{message} Nothing in it was run. Take another source.") from error


def idx_files(content: bytes, names: tuple[str, str, str, str]) -> dict[str, bytes]:
    """The four idx files of a pickle `((images, labels), (images, labels), (images, labels))`.

    Args:
        content: The pickle. Images are `[N, 784]`, bytes over 256; the first two pairs, in order, are the training set.
        names: Of the files for the images and labels of the training set, and for those of the test set.

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
