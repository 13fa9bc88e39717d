"""The scores of a group: as they were given, and in the dtype that is computed in, with the differences kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import array_api_compat.numpy as host

from tpo.core.arrays.elementwise import cast, narrowed
from tpo.core.arrays.numpy_arrays import NUMPY
from tpo.core.host_scores import above_on_host, host_dtype, lacks, relative_on_host
from tpo.core.nan import treat_nan
from tpo.core.scores import loses
from tpo.core.standardizing.standardizer import GROUP_AXIS
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array


class Scores(NamedTuple):
    """The scores of a group with the mask of those that count.

    Attributes:
        scores: `[..., K]` in the dtype that is computed in.
        given: `[..., K]` in their original dtype; a NumPy array where the library of the group lacks that dtype.
        relative: `[..., K]` up to a shift per group, in the dtype that is computed in, if `given` is a NumPy array that
            a cast could round; else `None`.
        mask: `[..., K]` boolean, or `None`.
    """

    scores: Array
    given: Array
    relative: Array | None
    mask: Array | None


def unrounded(ops: Ops, array: Array | None, kept: Array | None, name: str, place: str) -> Array | None:
    """The numbers from which `array` was rounded, if these are `kept`; else `array`, which is new.

    Args:
        ops: The library of the group.
        array: The scores or the baseline scores of a group.
        kept: The same before they were cast, as another group has them.
        name: The name of the field of `array`.
        place: The name of the field of `kept`.

    Raises:
        InvalidArgumentError: Values are not concrete.
    """
    if array is None or kept is None or array.dtype == kept.dtype or array.shape != kept.shape:
        return array
    new = isinstance(array, NUMPY) and not isinstance(kept, NUMPY)
    xp = host if isinstance(array, NUMPY) else ops.namespace()
    if new or not xp.isdtype(array.dtype, "real floating"):
        return array  # numbers after the cast are floating, and of the library of the group
    rounded = narrowed(host, kept, array.dtype) if xp is host else absolute(ops, kept, array, array.dtype)
    try:
        changed = bool(xp.any((rounded != array) & ~(xp.isnan(rounded) & xp.isnan(array))))
    except (TypeError, RuntimeError) as error:
        message = f"`{name}` must be given when a group is replaced inside a compiled function; got none."
        raise InvalidArgumentError(f"{message} Pass {name}=group.{place}.") from error
    return array if changed else kept


def held(ops: Ops, array: Any, like: Array) -> Any:
    """A NumPy array, converted to the library of `like` if that has its dtype; any other array itself."""
    foreign = isinstance(array, NUMPY) and not isinstance(like, NUMPY)
    return ops.adopt(array, like) if foreign and not lacks(ops, array, like) else array


def absolute(ops: Ops, array: Array, like: Array, dtype: Any) -> Array:
    """`array`, of the library of `like` or of NumPy, cast to the floating `dtype` of that library."""
    xp = ops.namespace()
    if isinstance(array, NUMPY) and not isinstance(like, NUMPY):
        return ops.adopt(narrowed(host, array, host_dtype(xp, dtype)), like)
    return narrowed(xp, array, dtype)


def treated_scores(ops: Ops, given: Array, mask: Array | None, nan: str, like: Array, dtype: Any) -> Scores:
    """Apply the treatment of NaN to scores, and cast them to the dtype that is computed in.

    Args:
        ops: The library of the group.
        given: `[..., K]` real, of that library or of NumPy.
        mask: `[..., K]` boolean, or `None`.
        nan: As for `treat_nan`.
        like: An array of the library.
        dtype: The dtype that is computed in.
    """
    xp = ops.namespace()
    if isinstance(given, NUMPY) and not isinstance(like, NUMPY):
        return _treated_on_host(ops, given, mask, nan, like, dtype)
    known, treated_mask = treat_nan(xp, given, mask, nan, dtype)
    relative = None
    if isinstance(given, NUMPY) and loses(host, given.dtype, dtype):
        relative = relative_on_host(ops, known, treated_mask, dtype, GROUP_AXIS, "propagate")
    return Scores(narrowed(xp, known, dtype), known, relative, treated_mask)


def _treated_on_host(ops: Ops, given: Any, mask: Array | None, nan: str, like: Array, dtype: Any) -> Scores:
    """`treated_scores` of NumPy scores whose dtype the library lacks: what is left out or refused arrives as NaN."""
    xp, wide = ops.namespace(), host_dtype(ops.namespace(), dtype)
    whole, near = (ops.adopt(relative_on_host(ops, given, mask, wide, axes, nan), like) for axes in ((), GROUP_AXIS))
    scores, treated_mask = treat_nan(xp, whole, mask, nan, dtype)
    relative, _ = treat_nan(xp, near, mask, nan, dtype)
    known, _ = treat_nan(host, given, None, "propagate" if nan == "propagate" else "mask", wide)
    return Scores(cast(xp, scores, dtype), known, cast(xp, relative, dtype), treated_mask)


def above_baseline(ops: Ops, scores: Scores, baseline: Any, like: Array, dtype: Any) -> Array | None:
    """Scores minus the baseline score of their group, if both were given as NumPy arrays of one dtype; else `None`."""
    both = isinstance(scores.given, NUMPY) and isinstance(baseline, NUMPY)
    if scores.relative is None or not both or scores.given.dtype != baseline.dtype:
        return None
    found = above_on_host(ops, scores.given, baseline, scores.mask, host_dtype(ops.namespace(), dtype))
    return found if isinstance(like, NUMPY) else ops.adopt(found, like)
