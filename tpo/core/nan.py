"""Treatments of NaN and infinite scores, by name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.errors import InvalidArgumentError, look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace

NanPolicy = Literal["propagate", "mask", "raise"]
"""Names of the treatments. `propagate`: NaN and infinite scores make their whole group NaN, which stays visible; safe
under compilation. `mask`: their candidates are left out, as if the slots were masked. `raise`: an error; it needs
concrete values (not inside `jax.jit` or `vmap`)."""

Masked = tuple["Array", "Array | None"]

RANGE = 0.25
"""Share of a narrower dtype's range in which scores count as finite, so that their differences fit, too."""


def _propagate(xp: Namespace, scores: Array, mask: Array | None, dtype: Any) -> Masked:
    del dtype
    if not xp.isdtype(scores.dtype, "real floating"):
        return scores, mask
    # NaN propagates by itself; infinities become NaN here, since NumPy warns of their differences.
    return where_else(xp, xp.isfinite(scores), scores, math.nan), mask


def _mask(xp: Namespace, scores: Array, mask: Array | None, dtype: Any) -> Masked:
    if not xp.isdtype(scores.dtype, "real floating"):
        return scores, mask
    known = _finite(xp, scores, dtype)
    return where_else(xp, known, scores, 0.0), known if mask is None else known & mask


def _raise(xp: Namespace, scores: Array, mask: Array | None, dtype: Any) -> Masked:
    if xp.isdtype(scores.dtype, "real floating"):
        refuse_where(
            xp, ~_finite(xp, scores, dtype), mask, "scores", "Repair the scorer, or leave them out: nan='mask'."
        )
    return scores, mask


def _finite(xp: Namespace, scores: Array, dtype: Any) -> Array:
    """Scores that are neither NaN, infinite nor out of the range of a narrower `dtype`, `[..., K]` boolean."""
    known = xp.isfinite(scores)
    if xp.finfo(scores.dtype).bits > xp.finfo(dtype).bits:
        known = known & (xp.abs(scores) <= RANGE * float(xp.finfo(dtype).max))
    return known


def refuse_log_probs(xp: Namespace, mask: Array | None, **arrays: Array | None) -> None:
    """Raise an error for NaN, or infinities that cannot be log-probs, where a mask holds.

    Raises:
        InvalidArgumentError: There is one, or values are not concrete.
    """
    for name, array in arrays.items():
        if array is not None:
            unknown = xp.isnan(array) | (array == math.inf)
            refuse_where(xp, unknown, mask, name, "Find out where the model or engine makes them.")


def refuse_where(xp: Namespace, unknown: Array, mask: Array | None, name: str, remedy: str) -> None:
    """Raise an error if an array holds forbidden values.

    Args:
        xp: The library of the arrays.
        unknown: Boolean, true where a value is forbidden.
        mask: Boolean, true where the array counts, or `None` for everywhere.
        name: The name of the array.
        remedy: What to do about it.

    Raises:
        InvalidArgumentError: It does, or values are not concrete (under tracing).
    """
    try:
        found = int(xp.sum(xp.astype(unknown if mask is None else unknown & mask, xp.int32)))
    except (TypeError, RuntimeError) as error:
        message = "`nan='raise'` needs concrete values; got arrays that are being traced. "
        raise InvalidArgumentError(message + "Use nan='mask' or nan='propagate' there.") from error
    if found:
        raise InvalidArgumentError(f"`{name}` must be finite; got {found} that are NaN or infinite. {remedy}")


class Treatment(NamedTuple):
    """A treatment of numbers that are not finite.

    Attributes:
        treat: Maps scores and a mask, `[..., K]`, and the dtype of the computation to new scores and a new mask.
        refuses: Whether numbers that are not finite are errors in other arrays, too.
    """

    treat: Callable[[Namespace, Array, Array | None, Any], Masked]
    refuses: bool = False


NAN_POLICIES: dict[str, Treatment] = {
    "propagate": Treatment(_propagate),
    "mask": Treatment(_mask),
    "raise": Treatment(_raise, refuses=True),
}


def treat_nan(xp: Namespace, scores: Array, mask: Array | None, policy: str, dtype: Any) -> Masked:
    """Apply a treatment; return the new scores and the new mask, `[..., K]`.

    Args:
        xp: The library of the arrays.
        scores: `[..., K]` real, integer or boolean.
        mask: `[..., K]` boolean, or `None` for everywhere.
        policy: A name from `NAN_POLICIES`.
        dtype: The dtype of the computation; scores that do not fit into it count as infinite.

    Raises:
        InvalidArgumentError: Under `raise`, a score is not finite, or values are not concrete.
        UnknownNameError: There is no such policy.
    """
    return nan_policy(policy).treat(xp, scores, mask, dtype)


def nan_policy(name: str) -> Treatment:
    """Look up a treatment by name.

    Raises:
        UnknownNameError: The name is unknown.
    """
    return look_up("policy for NaN scores", name, NAN_POLICIES)
