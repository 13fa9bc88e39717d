"""Series: a metric at some of the steps of a run, for several seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class Series(NamedTuple):
    """The values of a metric, and the steps at which it was measured.

    Attributes:
        steps: `[M]` numbers of steps done, ascending.
        values: `[S, M]` values of S seeds.
    """

    steps: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]

    @classmethod
    def of_every_step(cls, values: np.ndarray[Any, Any]) -> Series:
        """Build a series from the values of every step, measured before its updates, `[S, N]`."""
        return cls(np.arange(values.shape[1]), values)

    @classmethod
    def joined(cls, parts: Sequence[Series]) -> Series:
        """Concatenate the seeds of several series, all measured at the same steps."""
        return cls(parts[0].steps, np.concatenate([part.values for part in parts]))
