"""The effective sample size of a policy over a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import where_else

if TYPE_CHECKING:
    from tpo.core.arrays.typing import Array, Namespace


def effective_sample_size(xp: Namespace, policy: Array, present: Array) -> Array:
    """`1 / sum(p**2)` of policies `[..., K]`, `[...]`; 0 where no candidate is `present`."""
    squares = xp.sum(policy * policy, axis=-1)
    return where_else(xp, present, 1 / where_else(xp, present, squares, 1.0), 0.0)
