"""Values with gradients that are given, which can be differentiated again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def with_gradient(value: Any, array: Any, gradient: Any) -> Any:
    """`value`, `[...]`, with that gradient in `array`, `[..., K]` both; its own gradient is the second derivative."""
    return with_own_gradient(lambda _: (value.clone(), gradient), array)


def with_own_gradient(function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
    """The value that `function` gives of `array`, with the gradient that it gives."""
    if torch.compiler.is_compiling():
        return _compiled(*function(array), array)
    try:
        return _Recomputed.apply(function, array)  # type: ignore[no-untyped-call]
    except RuntimeError:
        # The transforms of `torch.func` and tangents refuse a function without `setup_context` and `jvp`. One with them
        # takes 25 us more: PyTorch reads its signature at every call (2.13).
        return _with_tangents(*function(array), array)


def _compiled(value: Any, gradient: Any, array: Any) -> Any:
    given: Any = _Given.apply
    return given(value.detach(), array, gradient)


def _with_tangents(value: Any, gradient: Any, array: Any) -> Any:
    """By a term that is 0 and has derivatives of every kind."""
    constant = gradient.detach()
    # The first derivative of the term is g, and the second g': with the gradient itself as the slope, it would be 2 g'.
    slope = constant + 0.5 * (gradient - constant)
    moved: Any = _Moved.apply
    return value.detach() + (slope * moved(array)).sum(-1)


class _Recomputed(torch.autograd.Function):
    """The value of a function, with the gradient that it gives; computed anew where that is to be differentiated."""

    @staticmethod
    def forward(ctx: Any, function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
        """The value."""
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


class _Given(torch.autograd.Function):
    """`value` with the gradient `gradient`, for `torch.compile`, of transforms of `torch.func` too."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Any, array: Any, gradient: Any) -> Any:
        """The value."""
        del array, gradient
        return value.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep the gradient."""
        del output
        ctx.save_for_backward(inputs[2])

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient given, times the cotangent of each group."""
        (gradient,) = ctx.saved_tensors
        return None, cotangent.unsqueeze(-1) * gradient, None


class _Moved(torch.autograd.Function):
    """0 where the array is now, whatever it holds there, with the derivatives of the array.

    Linear, because PyTorch takes no derivatives of a `jvp` (2.13): those of any other would silently be 0.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(array: Any) -> Any:
        """0."""
        return torch.zeros_like(array)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> Any:
        """The cotangent."""
        del ctx
        return cotangent

    @staticmethod
    def jvp(ctx: Any, tangent: Any) -> Any:
        """The tangent."""
        del ctx
        return tangent.clone()
