"""Metadata as plain JSON, from which the same Python values are restored, such as tuples and maps by whole numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from tpo import DataError

TUPLE, ITEMS, FRACTION = "$tuple", "$items", "$fraction"
"""Keys of the maps that stand for a tuple, for a map by its list of items, and for a rational number by its text."""


def encoded(value: Any) -> Any:
    """Convert a value to one that JSON can hold; `decoded` restores it.

    Args:
        value: `None`, booleans, numbers, rational numbers, texts, NumPy scalars (as the Python number), and lists,
            tuples and maps of them.

    Raises:
        DataError: It has something else.

    Example:
        `encoded({0: (1, 2)})` is `{"$items": [[0, {"$tuple": [1, 2]}]]}`.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list):
        return [encoded(member) for member in value]
    if isinstance(value, tuple):
        return {TUPLE: [encoded(member) for member in value]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {str(key): encoded(member) for key, member in value.items()}
        return {ITEMS: [[encoded(key), encoded(member)] for key, member in value.items()]}
    if isinstance(value, Fraction):
        return {FRACTION: str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    message = f"what a scorer reads must be numbers, texts, lists, tuples and maps; got {type(value).__qualname__}."
    raise DataError(f"{message} Take another data set.")


def decoded(value: Any) -> Any:
    """Restore a value that `encoded` converted.

    Raises:
        TypeError: A key of a map is a list or a map.
        ValueError: An item of a map is no pair, or a rational number is none.
    """
    if isinstance(value, list):
        return [decoded(member) for member in value]
    if isinstance(value, dict):
        if set(value) == {TUPLE}:
            return tuple(decoded(value[TUPLE]))
        if set(value) == {ITEMS}:
            return {key: member for key, member in decoded(value[ITEMS])}  # noqa: C416 - refuses what is no pair
        if set(value) == {FRACTION}:
            return Fraction(value[FRACTION])
        return {key: decoded(member) for key, member in value.items()}
    return value
