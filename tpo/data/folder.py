"""The folders of data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.folders import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tpo.data.catalogue import DataSet

VARIABLE = "TPO_DATA"
"""Environment variable for another folder."""


def data_folder() -> Path:
    """The folder of all data sets: `TPO_DATA`, or one in the user's cache.

    Raises:
        DataError: `TPO_DATA` names the home of nobody.
    """
    return cache_folder(VARIABLE, "data")


def folder_of(data_set: DataSet) -> Path:
    """The folder of one data set."""
    return data_folder() / data_set.name


def is_complete(data_set: DataSet) -> bool:
    """Whether all files are there with the right sizes; `tpo.data.load` checks the checksums."""
    folder = folder_of(data_set)
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == size for name, size in data_set.sizes.items()
    )
