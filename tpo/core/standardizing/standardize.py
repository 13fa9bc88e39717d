"""Standardizing scores within their group: centred, and divided by the population standard deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.core.arithmetic.precision import tier
from tpo.core.arrays.elementwise import cast
from tpo.core.arrays.ops import check_mask, check_same_shape, unify, working_dtype
from tpo.core.nan import treat_nan
from tpo.core.scores import check_scores, relative_scores
from tpo.core.scores_beside import scores_beside
from tpo.core.standardizing.standardizer import check_standardizer
from tpo.core.standardizing.standardizers import Z_SCORE

if TYPE_CHECKING:
    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.nan import NanPolicy
    from tpo.core.standardizing.standardizer import Standardizer


def standardize(
    scores: Array,
    *,
    mask: Array | None = None,
    standardizer: Standardizer = Z_SCORE,
    nan: NanPolicy = "propagate",
    precision: Precision = "exact",
) -> Array:
    """Z-score within each group, with the population standard deviation; tied groups give exactly 0.

    A group is tied when its largest score equals its smallest, however the computed deviation rounds: the scores
    `[.1, .1, .1]` give 0, and `[1e-7, 0, 0]` give the same as `[1, 0, 0]`, up to rounding.

    Args:
        scores: `[..., K]` real, integer or boolean. Half precision is computed in float32.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        standardizer: Another way to make scores comparable, such as `tpo.Centred()`.
        nan: Treatment of NaN and infinite scores: `propagate` makes their group NaN, `mask` leaves them out, `raise`
            raises an error.
        precision: `exact` gives the same bits in every library; `fast` is the plain formula, safe from overflow.

    Returns:
        `[..., K]` in the dtype of `scores`, or the library's default floating dtype for integers and booleans.
        Masked slots are 0. A group of one gives 0.

    Raises:
        InvalidTypeError: `scores` is no array, `standardizer` is no standardizer, or two libraries other than NumPy
            meet.
        InvalidArgumentError: `scores` are no real numbers, `mask` has another shape or is not boolean, or a score is
            not finite under `raise`.
        UnknownNameError: `precision` or `nan` is unknown.

    Source:
        Kaddour 2026, appendix A, equation 5.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.standardize(np.asarray([1.0, 0.0, 0.0, 1.0]))
        array([ 1., -1., -1.,  1.])
    """
    check_standardizer(standardizer)
    scores = scores_beside(scores, None, mask=mask, axes=standardizer.shift_axes, nan=nan)
    ops, (scores, mask) = unify(scores=scores, mask=mask)
    xp = ops.namespace()
    check_same_shape(scores=scores, mask=mask)
    check_mask(xp, mask=mask)
    check_scores(xp, scores=scores)
    dtype = _floating_dtype(xp, scores)
    if 0 in scores.shape:
        return xp.zeros_like(scores, dtype=dtype)
    working = working_dtype(xp, dtype)
    known, mask = treat_nan(xp, ops.stop_gradient(scores), mask, nan, working)
    values = relative_scores(xp, known, mask, working, standardizer.shift_axes)
    standard = ops.run(tier(precision, ops).standardize, values, mask, standardizer=standardizer)
    return cast(xp, standard, dtype)


def _floating_dtype(xp: Namespace, scores: Array) -> Any:
    if xp.isdtype(scores.dtype, "real floating"):
        return scores.dtype
    return xp.__array_namespace_info__().default_dtypes()["real floating"]
