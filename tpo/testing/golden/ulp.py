"""How far computed numbers are from the true ones, in units in the last place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]

NEGLIGIBLE = 4
"""In smallest normal numbers. Libraries differ in what they keep below the normal range, so truths below this are
compared absolutely, with this much room."""


def ulp_errors(values: Array, high: Array, low: Array) -> Array:
    """The errors of `values` against the truth `high + low`.

    Args:
        values: `[..., K]` float32 or float64.
        high: `[..., K]` float64, the truth rounded.
        low: `[..., K]` float64, the rest of it.

    Returns:
        `[..., K]` float64: units in the last place of the truth, as `values.dtype` has them. Truths below four times
        the smallest normal number are compared absolutely: 0 within that distance, else infinite. NaN is infinite.
    """
    info = np.finfo(values.dtype)
    negligible = NEGLIGIBLE * float(info.tiny)
    error = np.abs((values.astype(np.float64) - high) - low)
    small = np.abs(high) < negligible
    _, exponent = np.frexp(np.where(small, 1.0, high))
    units = error / np.ldexp(float(info.eps), exponent - 1)
    return np.where(np.isnan(error), np.inf, np.where(small, np.where(error <= negligible, 0.0, np.inf), units))


def eps_errors(values: Array, high: Array, low: Array) -> Array:
    """The errors of `values` against `high + low`, in units of the machine epsilon of `values.dtype`."""
    return np.abs((values.astype(np.float64) - high) - low) / float(np.finfo(values.dtype).eps)
