"""A group: the K candidates sampled for one context, with what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tpo.core.ops import check_floating, check_mask, check_same_shape, unify, working_dtype
from tpo.core.target import SUM_TOKENS_FIRST
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.ops import Array, Namespace, Ops


@dataclass(frozen=True, kw_only=True)
class Group:
    """Scored candidates, the group axis last. Everything in it is constant to differentiation.

    Any number of leading axes may stand before the group axis; each holds groups of its own.

    Attributes:
        scores: `[..., K]` real, integer or boolean: what the scorer returned. Stored in the working dtype of
            `old_log_probs` (float32 for half precision).
        old_log_probs: `[..., K]` real floating, in nats: log-probs under the policy that sampled the candidates.
            Stored in the working dtype.
        ref_log_probs: `[..., K]` the same under a separate reference policy, or `None`.
        mask: `[..., K]` boolean, true where a slot holds a candidate; `None` means everywhere.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.
    """

    scores: Array
    old_log_probs: Array
    ref_log_probs: Array | None = None
    mask: Array | None = None

    def __post_init__(self) -> None:
        """Check the arrays, bring them to one library and dtype, and stop their gradients."""
        names = [field.name for field in fields(self)]
        ops, arrays = unify(**{name: getattr(self, name) for name in names})
        given = dict(zip(names, arrays, strict=True))
        xp = ops.namespace()
        check_same_shape(SUM_TOKENS_FIRST, **given)
        check_floating(xp, old_log_probs=given["old_log_probs"], ref_log_probs=given["ref_log_probs"])
        check_mask(xp, given["mask"])
        old_log_probs: Array = given["old_log_probs"]
        dtype = working_dtype(xp, old_log_probs.dtype)
        for name, array in given.items():
            object.__setattr__(self, name, _constant(ops, array, xp.bool if name == "mask" else dtype))

    @property
    def size(self) -> int:
        """K, the number of slots on the group axis."""
        return int(self.scores.shape[-1])

    def library(self) -> tuple[Ops, Namespace]:
        """The library that owns the arrays, and its namespace."""
        ops, _ = unify(scores=self.scores)
        return ops, ops.namespace()


def _constant(ops: Ops, array: Array | None, dtype: Any) -> Array | None:
    if array is None:
        return None
    return ops.namespace().astype(ops.stop_gradient(array), dtype)


def check_group_size(size: int, needed: int, algorithm: str) -> None:
    """Refuse groups too small for an algorithm to compare anything.

    Raises:
        InvalidArgumentError: `size` is below `needed`.
    """
    if size < needed:
        message = f"the group size must be at least {needed} for {algorithm}; got {size}. "
        raise InvalidArgumentError(message + "Sample more candidates per group: it learns by comparing them.")
