"""The idx format: unsigned bytes of any shape behind a header."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np

from tpo.errors import DataError

UNSIGNED_BYTE = 8
WORD = 4
MOST_DIMENSIONS = 32
"""More than images and labels have, which is 3 and 1, and fewer than NumPy allows, which is 64."""


def encode(values: np.ndarray[Any, Any]) -> bytes:
    """Encode `values`, uint8 of any shape, as an idx file."""
    header = struct.pack(f">HBB{values.ndim}I", 0, UNSIGNED_BYTE, values.ndim, *values.shape)
    return header + np.ascontiguousarray(values, np.uint8).tobytes()


def decode(content: bytes) -> np.ndarray[Any, Any]:
    """Decode an idx file to a uint8 array.

    Raises:
        DataError: It is no idx file of unsigned bytes, or truncated.
    """
    message = f"the content must be a whole idx file of unsigned bytes; got {len(content)} bytes of something else."
    if len(content) < WORD or content[:3] != struct.pack(">HB", 0, UNSIGNED_BYTE):
        raise DataError(f"{message} Fetch it again.")
    dimensions, start = content[3], WORD * (1 + content[3])
    if len(content) < start:
        raise DataError(f"{message} Fetch it again.")
    shape = struct.unpack_from(f">{dimensions}I", content, WORD)
    if len(content) != start + math.prod(shape) or dimensions > MOST_DIMENSIONS:
        raise DataError(f"{message} Fetch it again.")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
