"""What was measured at some of the steps of a run, for some seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class Series(NamedTuple):
    """Numbers and when they were measured.

    Attributes:
        steps: `[M]` how many steps were done, rising.
        values: `[S, M]` of S seeds.
    """

    steps: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]

    @classmethod
    def of_every_step(cls, values: np.ndarray[Any, Any]) -> Series:
        """What each step measured before its updates, `[S, N]`."""
        return cls(np.arange(values.shape[1]), values)

    @classmethod
    def joined(cls, parts: Sequence[Series]) -> Series:
        """The same of more seeds: all parts were measured at the same steps."""
        return cls(parts[0].steps, np.concatenate([part.values for part in parts]))
