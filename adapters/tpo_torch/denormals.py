"""Flushing denormals, the numbers closest to 0, which CPUs compute with many times more slowly than with others."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALLEST = 5e-324
"""The smallest positive float, a denormal."""


@contextmanager
def without_denormals() -> Iterator[None]:
    """Flush denormals to 0 in this thread, as XLA always does; restore the previous setting afterwards."""
    one = 1.0
    before = SMALLEST * one == 0.0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
