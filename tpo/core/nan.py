"""Treatments of scores that are no finite numbers, by name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tpo.core.arrays.elementwise import where_else
from tpo.errors import InvalidArgumentError, look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.typing import Array, Namespace

NanPolicy = Literal["propagate", "mask", "raise"]
"""`propagate`: NaN and infinite scores make their whole group NaN, to be seen; safe under compilation. `mask`: their
candidates are left out, as if the slots were masked. `raise`: an error, where values can be looked at (not inside
`jax.jit` or `vmap`)."""

Masked = tuple["Array", "Array | None"]

RANGE = 0.25
"""The share of a narrower dtype's range within which scores count as finite, so that their differences fit, too."""


def _propagate(xp: Namespace, scores: Array, mask: Array | None, dtype: Any) -> Masked:
    del dtype
    if not xp.isdtype(scores.dtype, "real floating"):
        return scores, mask
    # NaN passes through everything; differences of infinities make NumPy warn on the way.
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
    """`[..., K]` boolean: numbers, neither infinite nor out of the range of a narrower `dtype`."""
    known = xp.isfinite(scores)
    if xp.finfo(scores.dtype).bits > xp.finfo(dtype).bits:
        known = known & (xp.abs(scores) <= RANGE * float(xp.finfo(dtype).max))
    return known


def refuse_where(xp: Namespace, unknown: Array, mask: Array | None, name: str, remedy: str) -> None:
    """Refuse an array that holds what it must not.

    Args:
        xp: The library of the arrays.
        unknown: Boolean, true where the array does.
        mask: Boolean, true where it counts, or `None` for everywhere.
        name: Of the array.
        remedy: What to do about it.

    Raises:
        InvalidArgumentError: It does, or values cannot be looked at.
    """
    try:
        found = int(xp.sum(xp.astype(unknown if mask is None else unknown & mask, xp.int32)))
    except (TypeError, RuntimeError) as error:
        message = "`nan='raise'` needs values to look at; got arrays that are being traced. "
        raise InvalidArgumentError(message + "Use nan='mask' or nan='propagate' there.") from error
    if found:
        raise InvalidArgumentError(f"`{name}` must be finite; got {found} that are NaN or infinite. {remedy}")


class Treatment(NamedTuple):
    """A policy for numbers that are not finite.

    Attributes:
        treat: From scores and a mask, `[..., K]`, and the dtype that is computed in, to scores and a mask.
        refuses: Whether numbers that are not finite are refused in other arrays, too.
    """

    treat: Callable[[Namespace, Array, Array | None, Any], Masked]
    refuses: bool = False


NAN_POLICIES: dict[str, Treatment] = {
    "propagate": Treatment(_propagate),
    "mask": Treatment(_mask),
    "raise": Treatment(_raise, refuses=True),
}


def treat_nan(xp: Namespace, scores: Array, mask: Array | None, policy: str, dtype: Any) -> Masked:
    """Scores and the mask, `[..., K]`, after the policy was applied.

    Args:
        xp: The library of the arrays.
        scores: `[..., K]` real, integer or boolean.
        mask: `[..., K]` boolean, or `None` for everywhere.
        policy: A name from `NAN_POLICIES`.
        dtype: The one that scores are computed in; what does not fit into it counts as infinite.

    Raises:
        InvalidArgumentError: Under `raise`, a score is not finite, or values cannot be looked at.
        UnknownNameError: There is no such policy.
    """
    return nan_policy(policy).treat(xp, scores, mask, dtype)


def nan_policy(name: str) -> Treatment:
    """The policy called `name`.

    Raises:
        UnknownNameError: There is none.
    """
    return look_up("policy for NaN scores", name, NAN_POLICIES)
