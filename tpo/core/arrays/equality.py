"""Equality of dataclasses that hold arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tpo.core.arrays.ops import unify
from tpo.core.arrays.structure import structure_of


def same_fields(one: Any, other: Any) -> bool:
    """Whether two instances of a dataclass have equal options and equal arrays: dtype, shape and values.

    NaN equals NaN. Arrays are compared on the host.
    """
    structure = structure_of(type(one))
    if any(getattr(one, name) != getattr(other, name) for name in structure.options):
        return False
    return all(_same(getattr(one, name), getattr(other, name)) for name in structure.arrays)


def _same(one: Any, other: Any) -> bool:
    """Compare two arrays of one library by dtype, shape and values, and anything else by `==`."""
    if one is None or other is None:
        return one is other
    if not (hasattr(one, "dtype") and hasattr(other, "dtype")):
        return bool(one == other)
    (ops, _), (other_ops, _) = unify(array=one), unify(array=other)
    if ops is not other_ops or one.dtype != other.dtype:
        return False
    numbers, others = ops.to_numpy(one), ops.to_numpy(other)
    return np.array_equal(numbers, others, equal_nan=True)
