"""What becomes of scores that are NaN, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tpo.core.ops import where_else
from tpo.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.ops import Array, Namespace

NanPolicy = Literal["propagate", "mask", "raise"]
"""`propagate`: the whole group becomes NaN, to be seen; safe under compilation. `mask`: the candidate is left out, as
if its slot were masked. `raise`: an error, where values can be looked at (not inside `jax.jit` or `vmap`)."""

Masked = tuple["Array", "Array | None"]


def _propagate(xp: Namespace, scores: Array, mask: Array | None) -> Masked:
    del xp
    return scores, mask


def _mask(xp: Namespace, scores: Array, mask: Array | None) -> Masked:
    known = ~xp.isnan(scores)
    return where_else(xp, known, scores, 0.0), known if mask is None else known & mask


def _raise(xp: Namespace, scores: Array, mask: Array | None) -> Masked:
    unknown = xp.isnan(scores) if mask is None else xp.isnan(scores) & mask
    try:
        found = int(xp.sum(xp.astype(unknown, xp.int32)))
    except (TypeError, RuntimeError) as error:
        message = "`nan='raise'` needs values to look at; got arrays that are being traced. "
        raise InvalidArgumentError(message + "Use nan='mask' or nan='propagate' there.") from error
    if found:
        message = f"`scores` must not be NaN; got {found} of them. "
        raise InvalidArgumentError(message + "Repair the scorer, or leave them out: nan='mask'.")
    return scores, mask


NAN_POLICIES: dict[str, Callable[[Namespace, Array, Array | None], Masked]] = {
    "propagate": _propagate,
    "mask": _mask,
    "raise": _raise,
}


def treat_nan(xp: Namespace, scores: Array, mask: Array | None, policy: str) -> Masked:
    """Floating `scores` and the mask, `[..., K]`, after the policy was applied.

    Raises:
        InvalidArgumentError: Under `raise`, a score is NaN, or values cannot be looked at.
        UnknownNameError: There is no such policy.
    """
    if policy not in NAN_POLICIES:
        raise unknown_name("policy for NaN scores", policy, NAN_POLICIES)
    return NAN_POLICIES[policy](xp, scores, mask)
