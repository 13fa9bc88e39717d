"""Converting the values of a row: numbers, lists of tokens, and digests of anything."""

from __future__ import annotations

import hashlib
import json
import math
from decimal import Decimal
from typing import Any

import numpy as np

from tpo.experiments.storage.decoding import LARGEST, TOO_DEEP

Number = int | float | Decimal
"""What is a number in JSON and in Parquet."""

CUT_OFF = ("length", "max_length", "max_tokens", "truncated")
"""Reasons of engines to stop that mean that a completion was cut off."""

DIGEST_BYTES = 16


def number(value: Any) -> float:
    """Convert a number or boolean to a float; `None` to NaN, what is too large to compute with to infinity.

    Raises:
        ValueError: It is something else.
    """
    if value is None:
        return math.nan
    if not isinstance(value, Number):
        raise ValueError(f"{type(value).__name__} where a number should be")  # noqa: TRY004 - of the file, as the rest
    found = float(value) if isinstance(value, Decimal) else value
    # Compared first, since the largest integers do not fit into a float.
    if abs(found) > LARGEST:
        return math.inf if found > 0 else -math.inf
    return float(found)


def numbers(value: Any) -> np.ndarray[Any, Any]:
    """Convert a list of numbers, `[T]`, to float64; `None` becomes NaN.

    Raises:
        ValueError: It is no list, or something in it is no number.
    """
    if not isinstance(value, list):
        raise ValueError(f"{type(value).__name__} where a list should be")  # noqa: TRY004
    # NumPy alone would read the text "1" as a number.
    if set(map(type, value)) <= {float}:
        found = np.asarray(value, np.float64)
        return np.where(np.abs(found) > LARGEST, np.copysign(np.inf, found), found)
    return np.asarray([number(one) for one in value], np.float64)


def length(value: Any) -> float:
    """The length of a completion in tokens, from a number or a list of tokens.

    Raises:
        ValueError: The value is neither.
    """
    return float(len(value)) if isinstance(value, list) else number(value)


def cut_off(value: Any) -> float:
    """1 if a completion was cut off, 0 if not, NaN if that is not known.

    Raises:
        ValueError: It is neither a boolean nor a reason.
    """
    return float(value.lower() in CUT_OFF) if isinstance(value, str) else number(value)


def digest(value: Any) -> bytes:
    """A digest of any value, equal for equal ones.

    Raises:
        ValueError: It is nested too deep.
    """
    return hashlib.blake2b(text(value).encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def text(value: Any) -> str:
    """A value as text: itself, or as JSON.

    Raises:
        ValueError: It is nested too deep.
    """
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except (RecursionError, TypeError) as error:
        raise ValueError(TOO_DEEP if isinstance(error, RecursionError) else str(error)) from error
