"""The policy over each group, from the log-probs of its candidates, and its effective sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.core.arrays.elementwise import cast, where_else
from tpo.core.arrays.ops import working_dtype

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace


def policy(ops: Ops, tilted_softmax: Callable[..., Array], log_probs: Array, mask: Array | None) -> Array:
    """The policy over each group, from the log-probs of its candidates.

    Args:
        ops: The library of the arrays.
        tilted_softmax: The softmax of a tier. A tier is a way to compute: `exact`, with the same bits in every library,
            or `fast`, by the plain formula.
        log_probs: `[..., K]` floating, in nats.
        mask: `[..., K]` boolean, or `None` for everywhere.

    Returns:
        `[..., K]` in the dtype of `log_probs`, but at least float32; constant; 0 in masked slots.
    """
    xp = ops.namespace()
    values = cast(xp, ops.stop_gradient(log_probs), working_dtype(xp, log_probs.dtype))
    if 0 in values.shape:
        return values
    return ops.run(tilted_softmax, values, None, mask)


def effective_sample_size(xp: Namespace, policy: Array, present: Array) -> Array:
    """Effective sample size `1 / sum(p**2)`, `[...]`, of policies `[..., K]`; 0 for groups without candidates."""
    squares = xp.sum(policy * policy, axis=-1)
    return where_else(xp, present, 1 / where_else(xp, present, squares, 1.0), 0.0)
