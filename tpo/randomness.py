"""Randomness as data: a counter-based generator keyed by seed, step and purpose.

What a run draws depends on nothing else: not on the backend, on the order of the draws of other purposes, or on
how many seeds run together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from tpo.errors import InvalidArgumentError


@dataclass(frozen=True)
class Randomness:
    """The random numbers of one seed at one step.

    Attributes:
        seed: From 0.
        step: From 0; what is drawn once per run takes step 0.

    Raises:
        InvalidArgumentError: `seed` or `step` is negative.
    """

    seed: int
    step: int = 0

    def __post_init__(self) -> None:
        """Check that both fit the generator's key."""
        for name in ("seed", "step"):
            if getattr(self, name) < 0:
                raise InvalidArgumentError(f"`{name}` must not be negative; got {getattr(self, name)}.")

    def generator(self, purpose: str) -> np.random.Generator:
        """A fresh generator for `purpose`, the same whenever it is asked for."""
        code = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
        return np.random.Generator(np.random.Philox(key=[self.seed, code], counter=[0, 0, 0, self.step]))
