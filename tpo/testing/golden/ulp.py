"""Errors of computed numbers in units in the last place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]

NEGLIGIBLE = 4
"""Threshold in smallest normal numbers. Libraries differ in the subnormals that they keep, so truths below it are
compared absolutely, with it as the tolerance."""


def ulp_errors(values: Array, high: Array, low: Array) -> Array:
    """Errors of `values` against the truth `high + low`, in units in the last place.

    Args:
        values: `[..., K]` float32 or float64.
        high: `[..., K]` float64, the truth rounded.
        low: `[..., K]` float64, the remainder of the truth.

    Returns:
        `[..., K]` float64: errors in units in the last place of the truth in `values.dtype`. Truths below four times
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
    """Errors of `values` against `high + low`, in units of the machine epsilon of `values.dtype`."""
    return np.abs((values.astype(np.float64) - high) - low) / float(np.finfo(values.dtype).eps)
