"""NumPy scores that meet arrays of another library in a call: their differences are taken before they are converted."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import array_api_compat.numpy
import numpy as np

from tpo.core.arrays.numpy_arrays import NUMPY, usable
from tpo.core.arrays.ops import unify, working_dtype
from tpo.core.host_scores import host_dtype, relative_on_host
from tpo.core.scores import loses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array

host: Any = array_api_compat.numpy
"""The namespace of NumPy."""


def scores_beside(
    scores: Array,
    old_log_probs: Array | None,
    *,
    mask: Array | None,
    axes: tuple[int, ...],
    nan: str,
    others: Mapping[str, Array] = MappingProxyType({}),
) -> Array:
    """`scores`; where they are NumPy's beside another library, up to a shift along `axes`, in the dtype to compute in.

    Args:
        scores: `[..., K]`.
        old_log_probs: `[..., K]`, whose dtype is computed in; `None` if that is the dtype of the scores.
        mask: `[..., K]` boolean, or `None`.
        axes: As for `relative_scores`.
        nan: As for `target`. Scores that it leaves out or refuses become NaN.
        others: More arrays of the call by name, which also decide what library it computes in.
    """
    foreign = _foreign({"old_log_probs": old_log_probs, "mask": mask, **others})
    if not isinstance(scores, NUMPY) or not foreign:
        return scores
    ops, (old_log_probs, mask, *_) = unify(**{"old_log_probs": old_log_probs, "mask": mask, **foreign})
    xp, scores = ops.namespace(), usable("scores", scores)
    floating = (
        standardized_dtype(ops, scores, next(iter(foreign.values()))) if old_log_probs is None else old_log_probs.dtype
    )
    fits = mask is None or (tuple(mask.shape) == scores.shape and xp.isdtype(mask.dtype, "bool"))
    if not (fits and xp.isdtype(floating, "real floating")):
        return scores  # refused by the checks of the caller
    dtype = host_dtype(xp, working_dtype(xp, floating))
    return relative_on_host(ops, scores, mask, dtype, axes, nan) if loses(host, scores.dtype, dtype) else scores


def standardized_dtype(ops: Ops, scores: Array, like: Array) -> Any:
    """The dtype of standardized scores: that of the scores, or the default of `ops` for integers and booleans.

    Args:
        ops: The library of `like`.
        scores: A NumPy array.
        like: An array of that library.
    """
    if host.isdtype(scores.dtype, "real floating"):
        return ops.adopt(np.empty(0, scores.dtype), like).dtype
    return ops.namespace().__array_namespace_info__().default_dtypes()["real floating"]


def _foreign(arrays: Mapping[str, Array | None]) -> dict[str, Array]:
    return {name: array for name, array in arrays.items() if not (array is None or isinstance(array, NUMPY))}
