"""The files of MNIST from a pickle of NumPy arrays, which is looked at and never loaded: nothing in it is run."""

from __future__ import annotations

import io
import itertools
import pickletools
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.data import idx
from tpo.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEVELS = 256
"""Divisor of the pixels' bytes in the pickle."""

SIDE = 28
PAIRS = 3
REMEMBERING = ("BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE")
"""Operations of a pickle that only store a value for later."""

LABEL: np.dtype[Any] = np.dtype("<i8")
PIXELS: Mapping[int, np.dtype[Any]] = {4: np.dtype("<f4"), 8: np.dtype("<f8")}
"""The types of a pixel, by their bytes."""


def contents(pickled: bytes) -> Iterator[bytes]:
    """The raw contents of the arrays in a pickle, in order.

    The state of an array is a tuple that ends with its bytes: a string followed by TUPLE and BUILD is therefore the
    content of an array. The check sums of the files that come out tell whether all of it is right.

    Raises:
        DataError: It is no pickle.
    """
    file = io.BytesIO(pickled)
    try:
        found = ((code.name, value) for code, value, _ in pickletools.genops(file) if code.name not in REMEMBERING)
        earlier: list[tuple[str, Any]] = []
        for operation in found:
            earlier = [*earlier[-2:], operation]
            names = [name for name, _ in earlier]
            value = earlier[0][1]
            if names[1:] == ["TUPLE", "BUILD"] and isinstance(value, str | bytes):
                yield value if isinstance(value, bytes) else value.encode("latin-1")
    except (ValueError, OverflowError, IndexError, TypeError, AttributeError, MemoryError) as error:
        message = f"the pickle must hold NumPy arrays; got one that does not ({error})."
        raise DataError(f"{message} Nothing in it was run. Take another source.") from error


def idx_files(content: bytes, names: tuple[str, str, str, str]) -> dict[str, bytes]:
    """Convert a pickle `((images, labels), (images, labels), (images, labels))` to four idx files.

    Args:
        content: The pickle. Images are `[N, 784]`, bytes over 256; the first two pairs, in order, are the training set.
        names: File names for the images and labels of the training set, then of the test set.

    Raises:
        DataError: It holds something else.
    """
    raw = list(itertools.islice(contents(content), 2 * PAIRS + 1))
    try:
        (first, first_labels), (second, second_labels), test = (
            (_pixels(images, labels), _labels(labels)) for images, labels in zip(raw[::2], raw[1::2], strict=True)
        )
    except (ValueError, LookupError, ZeroDivisionError) as error:
        message = f"the pickle must hold three pairs of images and labels; got something else ({error})."
        raise DataError(f"{message} Take another source.") from error
    arrays = (np.concatenate([first, second]), np.concatenate([first_labels, second_labels]), *test)
    return {name: idx.encode(values) for name, values in zip(names, arrays, strict=True)}


def _labels(raw: bytes) -> np.ndarray[Any, Any]:
    return np.frombuffer(raw, LABEL).astype(np.uint8)


def _pixels(raw: bytes, labels: bytes) -> np.ndarray[Any, Any]:
    """Convert the images of a pickle to bytes, after checking their number."""
    count = len(labels) // LABEL.itemsize
    values: np.ndarray[Any, Any] = np.frombuffer(raw, PIXELS[len(raw) // (count * SIDE * SIDE)])
    # NaN and values that do not fit into a byte convert to arbitrary bytes; the checksum then fails.
    with np.errstate(all="ignore"):
        rounded: np.ndarray[Any, Any] = np.round(LEVELS * values).astype(np.uint8)
        return rounded.reshape(count, SIDE, SIDE)
