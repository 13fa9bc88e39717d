"""Arithmetic without denormals: the numbers next to 0, over which a CPU takes many times as long as over others."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALLEST = 5e-324
"""The smallest number of Python's: a denormal."""


@contextmanager
def without_denormals() -> Iterator[None]:
    """Count denormals as 0 in this thread, as XLA always does; what was the case before is so again afterwards."""
    one = 1.0
    before = SMALLEST * one == 0.0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
