"""Converting the values of a row: numbers, lists of tokens, and digests of anything."""

from __future__ import annotations

import hashlib
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.experiments.storage.decoding import LARGEST, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Mapping

Number = int | float | Decimal
"""The types of numbers in JSON and in Parquet."""

REASONS: Mapping[str, bool] = {
    **dict.fromkeys(("length", "model_length", "max_length", "truncated"), True),
    **dict.fromkeys(("max_tokens", "max_new_tokens", "max_output_tokens", "max_completion_tokens"), True),
    **dict.fromkeys(("stop", "stop_sequence", "stop_token", "eos", "eos_token", "end_turn", "finished"), False),
    **dict.fromkeys(("complete", "completed", "tool_call", "tool_calls", "function_call", "tool_use"), False),
}
"""Reasons of engines to stop, and whether a completion was then cut off."""

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


def length(value: Any, mask: np.ndarray[Any, Any] | None = None) -> float:
    """The length of a completion in tokens, from a number or a list of tokens.

    Args:
        value: A number, or a list, which may be padded.
        mask: `[T]` boolean, true for tokens that count; or `None`. It is used if the list has T tokens.

    Raises:
        ValueError: The value is neither.
    """
    if not isinstance(value, list):
        return number(value)
    return float(len(value) if mask is None or len(mask) != len(value) else mask.sum())


def cut_off(value: Any) -> float:
    """1 if a completion was cut off, 0 if not, NaN if that is not known.

    Args:
        value: A boolean, 0 or 1, or a reason to stop, also as the member of an enumeration: `FinishReason.LENGTH`.
            Other reasons and numbers, such as that of a stop token, tell nothing.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(value, str):
        return float(REASONS.get(value.strip().lower().rpartition(".")[2], math.nan))
    found = number(value)
    return found if found in (0, 1) else math.nan


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
