"""Losses per group and their reduction; the cross-entropy to a target."""

from __future__ import annotations

import itertools
import math
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

from tpo.core.arrays.elementwise import cast, narrowed, where_else, zero_outside
from tpo.core.arrays.ops import check_floating, unify, unify_groups, working_dtype
from tpo.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tpo.core.arrays.ops import Ops
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.core.group import Group


class Loss(NamedTuple):
    """One loss per group, not yet reduced. `mean` reduces it to the loss of a batch.

    Attributes:
        value: `[...]` numerators, at least float32.
        weight: `[...]` weights: 1, or the number of candidates or tokens; 0 for a group that does not count.
    """

    value: Array
    weight: Array

    def mean(self, *, axis: int | tuple[int, ...] | None = -1, total_weight: Array | float | None = None) -> Array:
        """The loss of a batch: `sum(value) / sum(weight)` over its groups.

        Args:
            axis: The axes to sum over. The default is the last, the groups of a batch; leading axes, such as seeds,
                stay. `None` sums over all axes, `()` over none. A loss of a single group has no axes, and is divided by
                its own weight.
            total_weight: What to divide by instead, where the batch is larger than what is given here: the sum of the
                weights over all micro-batches for gradient accumulation; for data parallelism that averages gradients,
                the sum over all ranks divided by the number of ranks.

        Returns:
            `[...]` without the axes summed over. 0, with a gradient of 0, if the total weight is 0.

        Raises:
            InvalidTypeError: The value, the weight or the total weight is no array, or of another library.
            InvalidArgumentError: The value is not floating, the weight has another shape, an axis does not exist, or
                the total weight is a negative number, not finite, or an array of more numbers than there are losses.

        Example:
            >>> import numpy as np, tpo
            >>> tpo.Loss(np.asarray([2.0, 4.0, 0.0]), np.asarray([1.0, 2.0, 0.0])).mean()
            np.float64(2.0)
        """
        ops, arrays = unify(value=self.value, weight=self.weight)
        value: Array = arrays[0]
        weight: Array = arrays[1]
        xp, axes = ops.namespace(), axis if value.shape else None
        check_floating(xp, value=value)
        _check_axes(axes, len(value.shape))
        if value.shape != weight.shape:
            message = f"`value` and `weight` must have the same shape; got {tuple(value.shape)} and"
            raise InvalidArgumentError(f"{message} {tuple(weight.shape)}. A loss has one of each per group.")
        numerator = _wide_sum(xp, value, axes)
        if total_weight is None:
            total: Array = _wide_sum(xp, cast(xp, weight, numerator.dtype), axes)
        elif isinstance(total_weight, Real):
            if not 0 <= float(total_weight) < math.inf:
                message = f"`total_weight` must be at least 0 and finite; got {total_weight}."
                raise InvalidArgumentError(f"{message} It is a sum of weights.")
            return numerator / float(total_weight) if total_weight else _nothing(xp, numerator)
        else:
            _, unified = unify(value=numerator, total_weight=total_weight)
            given: Array = unified[1]
            _check_total(tuple(given.shape), tuple(numerator.shape))
            total = cast(xp, given, numerator.dtype)
        # A total weight of 0 is replaced by 1: a division by 0 makes the gradient NaN even behind a `where`.
        counted = xp.where(total != 0, numerator, xp.zeros_like(numerator))
        return counted / xp.where(total != 0, total, xp.ones_like(total))


def _check_axes(axes: Any, dimensions: int) -> None:
    """Raise an error for axes that a loss does not have.

    Raises:
        InvalidArgumentError: One does not exist, or is there twice.
    """
    given: tuple[Any, ...] = axes if isinstance(axes, tuple) else () if axes is None else (axes,)
    exist = all(isinstance(axis, Integral) and -dimensions <= int(axis) < dimensions for axis in given)
    if not exist or len({axis % dimensions for axis in given}) < len(given):
        message = f"`axis` must be different axes from {-dimensions} to {dimensions - 1}; got {axes!r}."
        raise InvalidArgumentError(f"{message} None sums over all of them.")


def _check_total(total: tuple[int, ...], sums: tuple[int, ...]) -> None:
    """Raise an error for total weights of more losses than there are.

    Raises:
        InvalidArgumentError: Dividing by them would make more losses of one.
    """
    aligned = itertools.zip_longest(reversed(total), reversed(sums), fillvalue=1)
    if any(one not in {1, other} for one, other in aligned):
        message = f"`total_weight` must be one number for each loss, {sums}; got the shape {total}."
        raise InvalidArgumentError(f"{message} Sum the weights over the groups: weight.sum().")


def _wide_sum(xp: Namespace, array: Array, axis: int | tuple[int, ...] | None) -> Array:
    """The sum over `axis` in at least float32; `array` itself if there are no axes."""
    wide = cast(xp, array, working_dtype(xp, array.dtype))
    return wide if axis == () else xp.sum(wide, axis=axis)


def _nothing(xp: Namespace, like: Array) -> Array:
    """0, whatever `like` holds, with a gradient of 0 in it."""
    return where_else(xp, xp.zeros_like(like, dtype=xp.bool), like, 0.0)


def cross_entropy(q: Array, log_probs: Array, *, mask: Array | None = None) -> Array:
    """Cross-entropy of the policy over each group against the target: `-(q * log_softmax(log_probs)).sum(-1)`.

    Its gradient in `log_probs` is `p * sum(q) - q`; differentiable twice. `q` is data: no gradient flows into it.

    Args:
        q: `[..., K]` real floating: the target.
        log_probs: `[..., K]` real floating, in nats: log-probs of the candidates under the current policy.
        mask: `[..., K]` boolean, true where a slot holds a candidate. Default: everywhere. The other slots of `q` and
            `log_probs` may hold anything.

    Returns:
        `[...]` in the dtype of `log_probs`, in nats, one per group. Candidates that are impossible now (`-inf`) add
        nothing to the value and have no gradient; if one has target mass, it adds that mass times a quarter of the
        largest finite number to the value. A candidate that is possible now, but was not under the old policy, has a
        target of 0 and the gradient `p * sum(q)`: mask it to leave it out.

    Raises:
        InvalidTypeError: An argument is no array, or two libraries other than NumPy meet.
        InvalidArgumentError: Shapes differ, or a dtype does not fit.

    Source:
        Kaddour 2026, equation 3.

    Example:
        >>> import numpy as np, tpo
        >>> tpo.cross_entropy(np.asarray([0.5, 0.5]), np.log([0.5, 0.5])).round(4)
        np.float64(0.6931)
    """
    ops, (q, log_probs, mask) = unify_groups(q=q, log_probs=log_probs, mask=mask)
    xp = ops.namespace()
    if 0 in log_probs.shape:
        return xp.sum(log_probs, axis=-1)
    dtype = working_dtype(xp, log_probs.dtype)
    minus_q = -cast(xp, zero_outside(xp, mask, ops.stop_gradient(q)), dtype)
    log_p = log_policy(ops, cast(xp, log_probs, dtype), mask)
    return narrowed(xp, xp.sum(minus_q * log_p, axis=-1), log_probs.dtype)


def log_policy(ops: Ops, log_probs: Array, mask: Array | None) -> Array:
    """The log of the policy over each group, `[..., K]`: finite; a huge negative number for impossible candidates."""
    if mask is not None:
        log_probs = where_else(ops.namespace(), mask, log_probs, -math.inf)
    return ops.log_softmax(log_probs)


def possible_candidates(log_probs: Array, mask: Array | None) -> Array:
    """Candidates in the mask of nonzero probability, `[..., K]` boolean. NaN counts as possible, to stay visible."""
    possible = log_probs != -math.inf
    return possible if mask is None else possible & mask


def valid_candidates(group: Group) -> Array:
    """Candidates of a group that are in the mask and possible under the old policy, `[..., K]` boolean."""
    return possible_candidates(group.old_log_probs, group.mask)
