"""Initial parameters, drawn by NumPy so that every backend starts from the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

TRUNCATED_AT = 2.0
TRUNCATED_STD = 0.87962566103423978
"""The standard deviation of a standard normal truncated to [-2, 2]."""


def normal(rng: Generator, shape: tuple[int, ...], std: float) -> np.ndarray[Any, Any]:
    """Draw normal numbers with mean 0."""
    return std * rng.standard_normal(shape)


def lecun_normal(rng: Generator, fan_in: int, fan_out: int) -> np.ndarray[Any, Any]:
    """Draw a kernel `[fan_in, fan_out]` from a normal truncated at two deviations, with variance 1 / fan_in."""
    values: np.ndarray[Any, Any] = rng.standard_normal((fan_in, fan_out))
    while (outside := np.abs(values) > TRUNCATED_AT).any():
        values[outside] = rng.standard_normal(int(outside.sum()))
    values /= TRUNCATED_STD * fan_in**0.5
    return values
