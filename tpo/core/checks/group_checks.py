"""Checks of the arrays of a group: shapes, dtypes and forbidden numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import where_else
from tpo.core.arrays.ops import check_floating, check_mask, check_same_shape
from tpo.core.nan import refuse_log_probs, refuse_where
from tpo.core.scores import check_scores
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.typing import Array, Namespace

PER_CANDIDATE = ("scores", "advantages", "mask", "taken")
LOG_PROBS = ("old_log_probs", "ref_log_probs", "rollout_log_probs")
BOOLEAN = ("mask", "taken", "token_mask")
OF_SCORES = ("scores", "advantages", "baseline_scores")
ARRAYS = (*PER_CANDIDATE, "baseline_scores", *LOG_PROBS, "token_mask")


def check_dtypes(xp: Namespace, given: Mapping[str, Array | None]) -> None:
    """Raise an error for a dtype that does not fit.

    Raises:
        InvalidArgumentError: Log-probs are not floating, a mask is not boolean, or scores are no real numbers.
    """
    check_floating(xp, **{name: given.get(name) for name in LOG_PROBS})
    check_mask(xp, **{name: given.get(name) for name in BOOLEAN})
    check_scores(xp, **{name: given.get(name) for name in OF_SCORES})


def check_shapes(given: Mapping[str, Array | None]) -> None:
    """Raise an error if the shapes of the arrays do not fit together.

    Raises:
        InvalidArgumentError: Two shapes differ, or there is no group axis.
    """
    per_candidate, log_probs = ({name: given[name] for name in names} for names in (PER_CANDIDATE, LOG_PROBS))
    scores: Array = given["scores"]
    leading, token_mask = tuple(scores.shape), given["token_mask"]
    if token_mask is None:
        check_same_shape(LOG_PROBS, **per_candidate, **log_probs)
    else:
        check_same_shape(**per_candidate)
        check_same_shape(token_mask=token_mask, **log_probs)
        _check_shape("token_mask", token_mask, (*leading, token_mask.shape[-1]), "[..., K, T]")
    if given["baseline_scores"] is not None:
        _check_shape("baseline_scores", given["baseline_scores"], leading[:-1], "[...], one per group,")


def _check_shape(name: str, array: Array, expected: tuple[int, ...], words: str) -> None:
    if tuple(array.shape) != expected:
        message = f"`{name}` must have the shape {words} that goes with `scores`, {expected}; got {tuple(array.shape)}."
        raise InvalidArgumentError(message)


def refuse_nan(xp: Namespace, given: Mapping[str, Array | None]) -> None:
    """Raise an error for NaN, or infinities that cannot be log-probs, in any array but the scores.

    NaN in `rollout_log_probs` says that the engine gave no log-prob.

    Raises:
        InvalidArgumentError: There is one where a candidate or token is, or values are not concrete.
    """
    mask, token_mask = given["mask"], given["token_mask"]
    of_log_probs = mask if token_mask is None else token_mask if mask is None else token_mask & mask[..., None]
    rollout = given["rollout_log_probs"]
    known = None if rollout is None else where_else(xp, ~xp.isnan(rollout), rollout, 0.0)
    refuse_log_probs(xp, of_log_probs, **{name: given[name] for name in LOG_PROBS} | {"rollout_log_probs": known})
    for name, where in (("advantages", mask), ("baseline_scores", None)):
        array = given[name]
        if array is not None and xp.isdtype(array.dtype, "real floating"):
            refuse_where(xp, ~xp.isfinite(array), where, name, "Repair what computes them.")
