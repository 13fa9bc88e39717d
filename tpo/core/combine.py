"""Several rewards of one candidate, combined into one score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tpo.core.arrays.elementwise import where_else
from tpo.core.arrays.numpy_arrays import NUMPY
from tpo.core.arrays.ops import check_same_shape, namespace_of, unify
from tpo.core.options import check_number, plain
from tpo.core.scores_beside import scores_beside
from tpo.core.standardizing.standardize import standardize
from tpo.core.standardizing.standardizer import check_standardizer
from tpo.core.standardizing.standardizers import Z_SCORE
from tpo.errors import InvalidArgumentError, InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.core.arithmetic.precision import Precision
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.nan import NanPolicy
    from tpo.core.standardizing.standardizer import Standardizer


def combine_scores(
    scores: Array | Mapping[str, Array],
    weights: Sequence[float] | Mapping[str, float] | None = None,
    *,
    mask: Array | None = None,
    standardizer: Standardizer = Z_SCORE,
    batch_standardizer: Standardizer | None = None,
    nan: NanPolicy = "propagate",
    precision: Precision = "exact",
) -> Array:
    """Standardize each reward within its group, then sum the weighted results: the scores of GDPO.

    If rewards are summed before they are standardized, a reward with a large spread drowns the others. GDPO also
    standardizes the sums over the batch: `batch_standardizer=tpo.BatchZScore()`. An algorithm that divides scores by
    the standard deviation of their group undoes that last step. To keep it, use `TPO(standardizer=tpo.Centred())`.

    Args:
        scores: `[..., K, R]` real, R rewards per candidate; or a mapping from names to `[..., K]`.
        weights: One number per reward, in the same order or under the same names. Default: 1 for each.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere.
        standardizer: How each reward is made comparable, such as `tpo.ZScore()`.
        batch_standardizer: How the sums are standardized, usually `tpo.BatchZScore()`. Default: not at all.
        nan: Treatment of NaN and infinite rewards, as in `tpo.standardize`. Under `mask` a missing reward adds 0; a
            candidate without any reward stays NaN, so that `nan="mask"` leaves it out in later steps.
        precision: `exact` or `fast`, as in `tpo.standardize`.

    Returns:
        `[..., K]` in the dtype that `tpo.standardize` gives. A reward that is tied in a group adds exactly 0 there.

    Raises:
        InvalidTypeError: A reward is no array, or `None`, or a weight is no number.
        InvalidArgumentError: There is no reward, shapes differ, the weights do not match the rewards, or one is NaN or
            infinite.

    Source:
        Liu et al. 2026 (Group reward-Decoupled normalization Policy Optimization, GDPO, arXiv 2601.05242); the
        population standard deviation, and no constant added to it, are ours.

    Example:
        >>> import numpy as np, tpo
        >>> rewards = {"right": np.asarray([1.0, 0.0, 0.0, 1.0]), "short": np.asarray([10.0, 50.0, 10.0, 50.0])}
        >>> tpo.combine_scores(rewards, {"right": 1.0, "short": -0.5})
        array([ 1.5, -1.5, -0.5,  0.5])
    """
    rewards: dict[Any, Array] = dict(scores) if isinstance(scores, Mapping) else _along_last_axis(scores)
    if not rewards:
        message = "there must be at least one reward; got none. "
        raise InvalidArgumentError(message + "Pass [..., K, R] or a mapping from names to [..., K].")
    factors = _factors(rewards, weights)
    named = {str(name): reward for name, reward in rewards.items()}
    if len(named) < len(rewards):
        message = f"the names of rewards must differ as texts; got {list(rewards)}."
        raise InvalidArgumentError(f"{message} Rename one of them.")
    _refuse_none(named)
    check_standardizer(standardizer)
    axes = standardizer.shift_axes
    near = {
        name: scores_beside(reward, None, mask=mask, axes=axes, nan=nan, others=named) for name, reward in named.items()
    }
    ops, arrays = unify(**near)
    check_same_shape(**named)
    terms = [
        factor * standardize(reward, mask=mask, standardizer=standardizer, nan=nan, precision=precision)
        for factor, reward in zip(factors, arrays, strict=True)
    ]
    combined = sum(terms[1:], start=terms[0])
    xp = ops.namespace()
    if nan == "mask":
        combined = _nan_where_all_are_missing(xp, combined, arrays, mask)
    if batch_standardizer is None:
        return combined
    whole = standardize(combined, mask=mask, standardizer=batch_standardizer, nan=nan, precision=precision)
    return xp.where(xp.isnan(combined), combined, whole)


def _refuse_none(rewards: Mapping[str, Array | None]) -> None:
    """Raise an error for a reward that is `None`.

    Raises:
        InvalidTypeError: One is.
    """
    for name, reward in rewards.items():
        if reward is None:
            message = f"`{name}` must be an array; got None. Leave this reward out. If only some candidates lack it, "
            raise InvalidTypeError(message + "give them NaN, and pass nan='mask'.")


def _nan_where_all_are_missing(xp: Namespace, combined: Array, rewards: Sequence[Array], mask: Array | None) -> Array:
    """Replace the scores of candidates without any known reward by NaN."""
    if not all(xp.isdtype(reward.dtype, "real floating") for reward in rewards):
        return combined
    known = xp.any(xp.stack([xp.isfinite(reward) for reward in rewards]), axis=0)
    _, (known, mask) = unify(known=known, mask=mask)
    return where_else(xp, known if mask is None else known | ~mask, combined, math.nan)


def _along_last_axis(scores: Array) -> dict[Any, Array]:
    """Split an array `[..., K, R]` into its R rewards."""
    namespace_of(scores, "scores")
    if len(scores.shape) < 2:  # noqa: PLR2004 - candidates and rewards
        message = f"`scores` must have the shape [..., K, R]; got {tuple(scores.shape)}."
        raise InvalidArgumentError(f"{message} Add an axis of rewards: scores[..., None].")
    return {position: scores[..., position] for position in range(scores.shape[-1])}


def _factors(rewards: dict[Any, Array], weights: Any) -> list[Any]:
    """Return one weight per reward, in the order of the rewards."""
    if weights is None:
        return [1.0] * len(rewards)
    if not isinstance(weights, Iterable):
        message = f"`weights` must be one number for each reward; got {weights!r}."
        raise InvalidTypeError(f"{message} For example [1.0, 0.5], or a mapping from names to numbers.")
    named: dict[Any, float] = dict(weights) if isinstance(weights, Mapping) else dict(enumerate(weights))
    if set(named) != set(rewards):
        message = f"`weights` must be one for each reward; got {list(named)} for the rewards {list(rewards)}."
        raise InvalidArgumentError(f"{message} Name them as the rewards are, or leave them out for 1 each.")
    return [_factor(name, named[name]) for name in rewards]


def _factor(name: Any, weight: Any) -> Any:
    """A weight as a number of Python; an array of another library than NumPy, which may be traced, as it is.

    Raises:
        InvalidTypeError: It is neither.
        InvalidArgumentError: It is not finite.
    """
    number = weight.item() if isinstance(weight, NUMPY) and not weight.shape else weight
    if getattr(number, "shape", None) == ():
        return number
    check_number(f"weights[{name!r}]", number, "Give one number for each reward.")
    if not math.isfinite(number):
        raise InvalidArgumentError(f"`weights[{name!r}]` must be finite; got {number}. 0 leaves a reward out.")
    return plain(number)
