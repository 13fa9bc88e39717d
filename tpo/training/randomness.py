"""Randomness as data: a counter-based generator keyed by seed, step and purpose.

What a run draws depends on nothing else: not on the backend, on the order of the draws of other purposes, or on
how many seeds run together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from tpo.errors import InvalidArgumentError

LARGEST = 2**64 - 1
"""What fits one word of the generator's key."""


@dataclass(frozen=True)
class Randomness:
    """The random numbers of one seed at one step.

    Attributes:
        seed: From 0.
        step: From 0; what is drawn once per run takes step 0.

    Raises:
        InvalidArgumentError: `seed` or `step` is negative or has more than 64 bits.
    """

    seed: int
    step: int = 0

    def __post_init__(self) -> None:
        """Check that both fit the generator's key."""
        for name in ("seed", "step"):
            if not 0 <= getattr(self, name) <= LARGEST:
                message = f"`{name}` must not be negative nor exceed 2**64 - 1; got {getattr(self, name)}."
                raise InvalidArgumentError(message)

    def generator(self, purpose: str) -> np.random.Generator:
        """A fresh generator for `purpose`, the same whenever it is asked for."""
        code = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
        # As uint64: a list of integers beyond 63 bits would become float64 and lose its last digits.
        key, counter = np.asarray([self.seed, code], np.uint64), np.asarray([0, 0, 0, self.step], np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter))
