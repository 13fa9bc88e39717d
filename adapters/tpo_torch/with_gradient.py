"""Attaching a given gradient to a value, so that it can be differentiated twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def with_gradient(value: Any, array: Any, gradient: Any) -> Any:
    """Give `value`, `[...]`, the gradient `gradient` in `array`, both `[..., K]`; it may be differentiable itself."""
    return with_own_gradient(lambda _: (value.clone(), gradient), array)


def with_own_gradient(function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
    """Evaluate a function that returns a value and its gradient in `array`, and attach the gradient to the value."""
    if torch.compiler.is_compiling():
        return _compiled(*function(array), array)
    try:
        return _Recomputed.apply(function, array)  # type: ignore[no-untyped-call]
    except RuntimeError:
        # Transforms of `torch.func` and forward-mode AD need a function with `setup_context` and `jvp`. It is only the
        # fallback, because it takes 25 us more: PyTorch inspects its signature at every call (2.13).
        return _with_tangents(*function(array), array)


def _compiled(value: Any, gradient: Any, array: Any) -> Any:
    given: Any = _GivenGradient.apply
    return given(value.detach(), array, gradient)


def _with_tangents(value: Any, gradient: Any, array: Any) -> Any:
    """Attach the gradient by adding a term that is 0 and has derivatives in forward and reverse mode."""
    constant = gradient.detach()
    # The first derivative of the term is g and the second g'. With `slope = gradient` the second would be 2 g'.
    slope = constant + 0.5 * (gradient - constant)
    moved: Any = _Displacement.apply
    return value.detach() + (slope * moved(array)).sum(-1)


class _Recomputed(torch.autograd.Function):
    """The value of a function with its given gradient, which is recomputed if it must be differentiated itself."""

    @staticmethod
    def forward(ctx: Any, function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
        """Compute value and gradient; return the value."""
        value, gradient = function(array)
        ctx.function = function
        ctx.save_for_backward(array, gradient)
        return value

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient, times the cotangent of each group."""
        array, gradient = ctx.saved_tensors
        if torch.is_grad_enabled():
            _, gradient = ctx.function(array)
        return None, cotangent.unsqueeze(-1) * gradient


class _GivenGradient(torch.autograd.Function):
    """`value` with the gradient `gradient`, for `torch.compile`, including compiled transforms of `torch.func`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Any, array: Any, gradient: Any) -> Any:
        """Return the value."""
        del array, gradient
        return value.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save the gradient."""
        del output
        ctx.save_for_backward(inputs[2])

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient given, times the cotangent of each group."""
        (gradient,) = ctx.saved_tensors
        return None, cotangent.unsqueeze(-1) * gradient, None


class _Displacement(torch.autograd.Function):
    """The difference of an array to its current value: 0 for any contents, with the derivatives of the array.

    It must be linear: PyTorch does not differentiate a `jvp` (2.13), so second derivatives of a nonlinear one would
    silently be 0.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(array: Any) -> Any:
        """Return zeros."""
        return torch.zeros_like(array)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Save nothing."""

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> Any:
        """Return the cotangent unchanged."""
        del ctx
        return cotangent

    @staticmethod
    def jvp(ctx: Any, tangent: Any) -> Any:
        """Return the tangent unchanged."""
        del ctx
        return tangent.clone()
