"""Random numbers from a counter-based generator keyed by seed, step and purpose.

The numbers depend on nothing else: not on the backend, on the order of draws for other purposes, or on how many
seeds run together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from tpo.errors import InvalidArgumentError

LARGEST = 2**64 - 1
"""The largest number that fits into one word of the generator's key."""


@dataclass(frozen=True)
class Randomness:
    """The random numbers of one seed at one step.

    Attributes:
        seed: From 0.
        step: From 0; numbers drawn once per run use step 0.

    Raises:
        InvalidArgumentError: `seed` or `step` is negative, has more than 64 bits or is not whole.
    """

    seed: int
    step: int = 0

    def __post_init__(self) -> None:
        """Check that seed and step fit into the generator's key."""
        for name in ("seed", "step"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or not 0 <= int(value) <= LARGEST:
                message = f"`{name}` must be a whole number from 0 to 2**64 - 1; got {value!r}."
                raise InvalidArgumentError(message)

    def generator(self, purpose: str) -> np.random.Generator:
        """Create the generator for `purpose`, in the same state on every call."""
        code = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "little")
        # As uint64: NumPy would turn a list with integers beyond 63 bits into float64, which loses their last digits.
        key, counter = np.asarray([self.seed, code], np.uint64), np.asarray([0, 0, 0, self.step], np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=counter))
