"""The runner for array-api-strict, which has no adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import array_api_strict
import numpy as np

if TYPE_CHECKING:
    from tools.conformance.measure import Arrays, Function


def eager(function: Function, arrays: Arrays) -> Arrays:
    """The results of the function, called as it is."""
    return [np.asarray(x) for x in function(*(array_api_strict.asarray(array) for array in arrays))]
