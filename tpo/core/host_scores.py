"""Differences of NumPy scores, taken and cast on the host for a library that may lack their dtype.

JAX without `jax_enable_x64` has neither float64 nor int64, MLX has no float64, and PyTorch computes with no uint64.
There a difference between large scores must be taken before the scores are converted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import array_api_compat.numpy
import numpy as np

from tpo.core.arrays.elementwise import narrowed
from tpo.core.arrays.numpy_arrays import NUMPY
from tpo.core.nan import treat_nan
from tpo.core.scores import difference, relative_scores, scores_above
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace

host: Any = array_api_compat.numpy
"""The namespace of NumPy."""

OF_BITS: dict[int, Any] = {32: np.float32, 64: np.float64}
"""The floating dtypes of NumPy in which scores are computed, by their bits."""


def host_dtype(xp: Namespace, dtype: Any) -> Any:
    """The dtype of NumPy with the bits of `dtype`, which is float32 or float64 of the library `xp`."""
    return OF_BITS[xp.finfo(dtype).bits]


def lacks(ops: Ops, array: Array, like: Array) -> bool:
    """Whether the library of `like` cannot hold every number of the dtype of a NumPy array."""
    try:
        kept = ops.adopt(np.empty(0, array.dtype), like).dtype
    except InvalidArgumentError:  # it cannot compute with this dtype
        return True
    xp = ops.namespace()
    if host.isdtype(array.dtype, "integral"):
        return bool(int(xp.iinfo(kept).max) < int(host.iinfo(array.dtype).max))
    return not host.isdtype(array.dtype, "bool") and bool(xp.finfo(kept).bits < host.finfo(array.dtype).bits)


def relative_on_host(ops: Ops, scores: Array, mask: Array | None, dtype: Any, axes: tuple[int, ...], nan: str) -> Array:
    """`relative_scores` of NumPy scores, by NumPy.

    Args:
        ops: The library of the mask.
        scores: `[..., K]` a NumPy array.
        mask: `[..., K]` boolean, of NumPy or that library, or `None`.
        dtype: The dtype of NumPy to compute in.
        axes: As for `relative_scores`.
        nan: As for `scores_beside`.
    """
    known, mask = _mask_on_host(ops, mask)
    if not known:
        return _without_growth(scores, dtype, axes)
    # Scores that are refused are refused by the caller; until then they are left out.
    treated, valid = treat_nan(host, scores, mask, "propagate" if nan == "propagate" else "mask", dtype)
    relative = relative_scores(host, treated, valid, dtype, axes)
    return relative if valid is mask else host.where(valid, relative, np.asarray(math.nan, dtype))


def above_on_host(ops: Ops, scores: Array, baseline: Array, mask: Array | None, dtype: Any) -> Array:
    """`scores_above` of NumPy scores `[..., K]` and baseline `[...]` of one dtype, by NumPy."""
    known, on_host = _mask_on_host(ops, mask)
    if known:
        return scores_above(host, scores, baseline, on_host, dtype)
    together = _without_growth(np.concatenate([scores, baseline[..., None]], axis=-1), dtype, (-1,))
    return difference(host, together[..., :-1], together[..., -1:])


def _mask_on_host(ops: Ops, mask: Array | None) -> tuple[bool, Any]:
    """Whether the values of a mask are known, which they are not under tracing, and the mask as a NumPy array."""
    if mask is None or isinstance(mask, NUMPY):
        return True, mask
    try:
        return True, ops.to_numpy(mask)
    except (TypeError, RuntimeError):
        return False, None


def _without_growth(scores: Any, dtype: Any, axes: tuple[int, ...]) -> Array:
    """Cast scores whose mask is not known, shifted along `axes` where this makes no score larger in magnitude.

    A masked slot may hold anything. Shifting by what it holds could make every difference round to 0.
    """
    finite = np.isfinite(scores)
    if axes and finite.size:
        lowest = np.min(scores, axis=axes, keepdims=True, where=finite, initial=scores.max(where=finite, initial=0))
        highest = np.max(scores, axis=axes, keepdims=True, where=finite, initial=lowest.min())
        shift = np.where((lowest >= 0) | (highest <= lowest / 2), lowest, np.zeros_like(lowest))
        scores = np.where(finite, scores, shift) - shift
    return np.where(finite, narrowed(host, scores, dtype), np.asarray(math.nan, dtype))
