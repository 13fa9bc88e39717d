"""Loading data sets as arrays."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.data import idx
from tpo.data.catalogue import DATA_SETS, find_data_set
from tpo.data.fetch import check_sum
from tpo.data.folder import folder_of, is_complete
from tpo.data.made_up import made_up
from tpo.errors import DataError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np

    from tpo.data.catalogue import DataSet


class LabelledImages(NamedTuple):
    """Labelled images, split into a training and a test set. The arrays are shared: do not write into them.

    Attributes:
        train_images: `[N, D]` uint8, a row of pixels per image.
        train_labels: `[N]` uint8, from 0.
        test_images: `[M, D]` uint8.
        test_labels: `[M]` uint8.
    """

    train_images: np.ndarray[Any, Any]
    train_labels: np.ndarray[Any, Any]
    test_images: np.ndarray[Any, Any]
    test_labels: np.ndarray[Any, Any]


MADE_UP: Mapping[str, Callable[[], LabelledImages]] = {"made-up": lambda: LabelledImages(*made_up())}
"""Generated data sets, which need not be fetched, by name."""


def check_data_set(name: str) -> None:
    """Raise an error if a data set is not on this machine.

    Raises:
        UnknownNameError: No data set has that name.
        DataError: It has not been fetched.
    """
    if name not in (*DATA_SETS, *MADE_UP):
        raise unknown_name("data set", name, (*DATA_SETS, *MADE_UP))
    if name in DATA_SETS and not is_complete(DATA_SETS[name]):
        data_set = DATA_SETS[name]
        message = f"{data_set.title} must be on this machine; got none in {str(folder_of(data_set))!r}."
        raise DataError(f"{message} Fetch it: tpo data {name}.")


def load_data_set(name: str) -> LabelledImages:
    """Load the data set called `name`.

    Args:
        name: A name from `tpo data`, or `made-up`: images of ten random patterns, which need not be fetched.

    Raises:
        UnknownNameError: No data set has that name.
        DataError: It has not been fetched, or is damaged.
    """
    check_data_set(name)
    if name in MADE_UP:
        return MADE_UP[name]()
    data_set = find_data_set(name)
    return _load(data_set, folder_of(data_set))


def _load(data_set: DataSet, folder: Path) -> LabelledImages:
    arrays = _read(data_set.name, folder)
    images, labels, test_images, test_labels = (arrays[name] for name in data_set.sizes)
    return LabelledImages(_rows(images), labels, _rows(test_images), test_labels)


@functools.cache
def _read(name: str, folder: Path) -> Mapping[str, np.ndarray[Any, Any]]:
    """Read and check the files of a data set, once per process."""
    data_set, arrays = find_data_set(name), {}
    for file in data_set.sizes:
        content = (folder / file).read_bytes()
        check_sum(data_set, file, content)
        arrays[file] = idx.decode(content)
    return arrays


def _rows(images: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return images.reshape(len(images), -1)
