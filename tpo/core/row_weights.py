"""The gradient of any algorithm in each log-prob, as weights that a trainer applies row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from tpo.core.arrays.ops import unify
from tpo.core.checks.check_group import check_is_group
from tpo.core.compositions.base import check_algorithm
from tpo.core.losses.current import check_log_probs
from tpo.errors import InvalidTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array
    from tpo.core.group import Group


@runtime_checkable
class Differentiates(Protocol):
    """A library with a vector-Jacobian product."""

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """Return `function(primal)` and its pullback, from a cotangent to the gradient in `primal`."""


def row_weights(algorithm: Algorithm, group: Group, log_probs: Array) -> Array:
    """Gradient of an algorithm's loss in each log-prob of whole groups, for trainers that split groups.

    A trainer that shuffles rows, or splits a group over micro-batches or devices, computes these weights while the
    group is whole, and then minimises `sum(weights * log_probs) / total_weight` over any rows. `total_weight` is the
    sum of the loss's `weight` over the whole batch. The gradient equals that of `Loss.mean(axis=None)` at the log-probs
    given here, and only there: after an update of the policy the weights are stale.

    Args:
        algorithm: Any algorithm or composition, such as `tpo.GRPO()`.
        group: Scored candidates; every group is complete.
        log_probs: `[..., K]`, or `[..., K, T]` with a token mask: real floating, in nats, under the current
            policy. Plain log-probs, under the `ratio` anchor of TPO too.

    Returns:
        Shaped as `log_probs` and in their dtype, constant to differentiation: the gradient of `sum(value)`. In half
        precision, multiply and sum them in float32. The gradient is 0 for masked candidates. A candidate that was
        impossible under the old policy (`-inf`) also has 0, except under the forward divergence of TPO, if it is
        possible now: `p - q` is then `p`. One that has become impossible has 0, except under that divergence (`-q`) and
        for losses that are linear in the log-probs, such as REINFORCE.

    Raises:
        InvalidTypeError: An argument is of another kind, or the arrays are of a library that does not differentiate,
            such as NumPy.
        InvalidArgumentError: The group or the log-probs do not fit the algorithm.

    Source:
        Kaddour 2026, proposition 1, for TPO, whose weights `p - q` under the forward divergence are also those of
        `tpo.candidate_weights`.

    Example:
        >>> import torch, tpo
        >>> group = tpo.Group(scores=torch.tensor([[1.0, 0.0]]), old_log_probs=torch.log(torch.tensor([[0.5, 0.5]])))
        >>> tpo.row_weights(tpo.TPO(), group, group.old_log_probs)
        tensor([[-0.3808,  0.3808]])
    """
    check_algorithm(algorithm)
    check_is_group(group)
    ops, (_, log_probs) = unify(scores=group.scores, log_probs=log_probs)
    if not isinstance(ops, Differentiates):
        message = f"`log_probs` must be of a library that differentiates; got {type(log_probs).__module__}."
        raise InvalidTypeError(f"{message} Pass arrays of PyTorch, JAX or MLX, or use tpo.candidate_weights() for TPO.")
    check_log_probs(ops.namespace(), log_probs, group.old_log_probs)
    signal = algorithm.prepare(group)
    value, pull = ops.vjp(lambda variable: algorithm.loss(variable, signal).value, ops.stop_gradient(log_probs))
    return ops.stop_gradient(pull(ops.namespace().ones_like(value)))
