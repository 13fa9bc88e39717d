"""Test calls of the Array API functions that `tpo` uses, called as `tpo` calls them, on typical numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import array_api_compat.numpy as reference
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.testing.laws.groups import Array

VALUES = np.asarray([[2.5, -1.0, 0.5, 2.5], [0.0, -3.25, 7.0, 1e-3]])
"""Default argument of the operations, in each floating dtype."""

LOW, HIGH, FIRST = -2.0, 2.0, 2.5
"""Bounds and comparison values for the operations; `FIRST` occurs in `VALUES`."""

ROUNDINGS = 4
"""Tolerance for inexact operations, in machine epsilons."""


class Operation(NamedTuple):
    """A test call of an operation.

    Attributes:
        call: A function of a namespace and an array of it that returns an array.
        exact: Whether every library must give the same bits.
        of_training: Whether only policies, tasks and trainers use the operation, and not the core.
    """

    call: Callable[[Any, Any], Any]
    exact: bool = True
    of_training: bool = False


def _segments(xp: Any) -> Any:
    return xp.asarray([1, 0, 0], dtype=xp.int32)


OPERATIONS: Mapping[str, Operation] = {
    "abs": Operation(lambda xp, x: xp.abs(x)),
    "all": Operation(lambda xp, x: xp.all(x > LOW, axis=-1), of_training=True),
    "any": Operation(lambda xp, x: xp.any(x > HIGH, axis=-1)),
    "any, keepdims": Operation(lambda xp, x: xp.any(x > HIGH, axis=-1, keepdims=True)),
    "arange": Operation(lambda xp, x: xp.astype(xp.arange(4), x.dtype) + x, of_training=True),
    "argmax": Operation(lambda xp, x: xp.astype(xp.argmax(x, axis=-1), x.dtype), of_training=True),
    "argmax, keepdims": Operation(
        lambda xp, x: xp.astype(xp.argmax(x, axis=-1, keepdims=True), x.dtype), of_training=True
    ),
    "asarray": Operation(lambda xp, x: x * xp.asarray([3.0, 1.0, 0.5, -2.0], dtype=x.dtype, device=None)),
    "astype, to integers": Operation(lambda xp, x: xp.astype(xp.floor(x), xp.int32)),
    "astype, from booleans": Operation(lambda xp, x: xp.astype(x > 0, x.dtype)),
    "broadcast_to": Operation(lambda xp, x: xp.broadcast_to(x[..., :1], x.shape)),
    "ceil": Operation(lambda xp, x: xp.ceil(x)),
    "clip, both": Operation(lambda xp, x: xp.clip(x, -0.5, 2.0)),
    "clip, below": Operation(lambda xp, x: xp.clip(x, -0.5)),
    "clip, above": Operation(lambda xp, x: xp.clip(x, max=0.5)),
    "concat": Operation(lambda xp, x: xp.concat([x, -x[..., :1]], axis=-1)),
    "cos": Operation(lambda xp, x: xp.cos(x), exact=False, of_training=True),
    "cumulative_sum": Operation(lambda xp, x: xp.cumulative_sum(xp.floor(x), axis=-1)),
    "exp": Operation(lambda xp, x: xp.exp(x), exact=False),
    "exp, of minus infinity": Operation(lambda xp, x: xp.exp(xp.where(x > 0, -xp.full_like(x, float("inf")), x * 0))),
    "flip": Operation(lambda xp, x: xp.flip(x, axis=-1)),
    "floor": Operation(lambda xp, x: xp.floor(x)),
    "full_like": Operation(lambda xp, x: xp.full_like(x, 0.25)),
    "isfinite": Operation(lambda xp, x: xp.isfinite(xp.where(x > 0, x, xp.full_like(x, -float("inf"))))),
    "isnan": Operation(lambda xp, x: xp.isnan(xp.where(x > 0, xp.full_like(x, float("nan")), x))),
    "log": Operation(lambda xp, x: xp.log(xp.abs(x) + 1), exact=False),
    "log2": Operation(lambda xp, x: xp.floor(xp.log2(xp.abs(x) + 0.75)), exact=False),
    "matmul": Operation(lambda xp, x: xp.matmul(xp.floor(x), xp.matrix_transpose(xp.floor(x))), of_training=True),
    "matrix_transpose": Operation(lambda xp, x: xp.matrix_transpose(x), of_training=True),
    "max": Operation(lambda xp, x: xp.max(x, axis=-1)),
    "max, keepdims": Operation(lambda xp, x: xp.max(x, axis=-1, keepdims=True)),
    "maximum": Operation(lambda xp, x: xp.maximum(x, xp.flip(x, axis=-1))),
    "mean": Operation(lambda xp, x: xp.mean(xp.floor(x), axis=-1, keepdims=True), exact=False, of_training=True),
    "min": Operation(lambda xp, x: xp.min(x, axis=-1)),
    "min, keepdims": Operation(lambda xp, x: xp.min(x, axis=-1, keepdims=True)),
    "minimum": Operation(lambda xp, x: xp.minimum(x, xp.flip(x, axis=-1))),
    "ones_like": Operation(lambda xp, x: xp.ones_like(x)),
    "ones_like, of another dtype": Operation(lambda xp, x: xp.ones_like(x, dtype=xp.bool)),
    "permute_dims": Operation(lambda xp, x: xp.permute_dims(x[None, ...], (2, 0, 1))),
    "prod": Operation(lambda xp, x: xp.prod(xp.floor(x), axis=-1), of_training=True),
    "reshape": Operation(lambda xp, x: xp.reshape(x, (4, -1))),
    "round, to even": Operation(lambda xp, x: xp.round(x)),
    "sin": Operation(lambda xp, x: xp.sin(x), exact=False, of_training=True),
    "sort": Operation(lambda xp, x: xp.sort(x, axis=-1)),
    "sort, descending": Operation(lambda xp, x: xp.sort(x, axis=-1, descending=True)),
    "sqrt": Operation(lambda xp, x: xp.sqrt(xp.abs(x)), exact=False),
    "stack": Operation(lambda xp, x: xp.stack([x, -x])),
    "stack, axis": Operation(lambda xp, x: xp.stack([x, -x], axis=-1), of_training=True),
    "sum": Operation(lambda xp, x: xp.sum(xp.floor(x), axis=-1)),
    "sum, keepdims": Operation(lambda xp, x: xp.sum(xp.floor(x), axis=-1, keepdims=True)),
    "sum, of another dtype": Operation(
        lambda xp, x: xp.sum(xp.astype(x > 0, xp.int32), axis=-1, dtype=xp.int32), of_training=True
    ),
    "take": Operation(lambda xp, x: xp.take(x, _segments(xp), axis=0)),
    "tanh": Operation(lambda xp, x: xp.tanh(x), exact=False),
    "unstack": Operation(lambda xp, x: xp.stack(xp.unstack(x)[::-1]), of_training=True),
    "where": Operation(lambda xp, x: xp.where(x > 0, x, -x)),
    "where, broadcast": Operation(lambda xp, x: xp.where(x[..., :1] > 1, x, xp.zeros_like(x))),
    "where, of what is not a number": Operation(lambda xp, x: xp.where(x > 0, x, xp.full_like(x, float("nan")) * 0)),
    "zeros": Operation(lambda xp, x: x + xp.zeros((1, 4), dtype=x.dtype), of_training=True),
    "zeros_like": Operation(lambda xp, x: xp.zeros_like(x)),
    "zeros_like, of another dtype": Operation(lambda xp, x: xp.zeros_like(x, dtype=xp.int32)),
    "arithmetic": Operation(lambda _, x: (2 * x - 1) / 4 + x**2 - (-x)),
    "logic": Operation(lambda _, x: ((x > 0) & (x != FIRST)) | ~(x <= 1)),
    "indexing": Operation(lambda _, x: x[..., None, ::2] + x[:, :1, None]),
}
"""Operations by description; the first word is the name of the function."""


def expected(name: str, dtype: str) -> Array:
    """Evaluate an operation with NumPy."""
    with np.errstate(all="ignore"):
        return np.asarray(OPERATIONS[name].call(reference, VALUES.astype(dtype)))
