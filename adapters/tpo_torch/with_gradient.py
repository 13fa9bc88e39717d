"""Values with gradients that are given, which can be differentiated again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def with_gradient(value: Any, array: Any, gradient: Any) -> Any:
    """`value`, `[...]`, with that gradient in `array`, `[..., K]` both; its own gradient is the second derivative."""
    # Dynamo takes no function with a `jvp` of its own.
    function: Any = _WithGradient if torch.compiler.is_compiling() else _WithGradientForward
    return function.apply(value, array, gradient)


def with_own_gradient(function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
    """The value that `function` gives of `array`, with the gradient that it gives."""
    if not torch.compiler.is_compiling():
        try:
            return _Recomputed.apply(function, array)  # type: ignore[no-untyped-call]
        except RuntimeError:
            # The transforms of `torch.func` refuse a function without `setup_context`. One with it takes 25 us more:
            # PyTorch reads its signature at every call (2.13).
            pass
    value, gradient = function(array)
    return with_gradient(value.detach(), array, gradient)


class _Recomputed(torch.autograd.Function):
    """The value of a function, with the gradient that it gives; computed anew where that is to be differentiated."""

    @staticmethod
    def forward(ctx: Any, function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
        """The value."""
        value, gradient = function(array.detach())
        ctx.function = function
        ctx.save_for_backward(array, gradient)
        return value

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient, times the cotangent of each group."""
        array, gradient = ctx.saved_tensors
        if torch.is_grad_enabled():
            _, gradient = ctx.function(array)
        return None, cotangent[..., None] * gradient


class _WithGradient(torch.autograd.Function):
    """`value`, `[...]`, whose gradient in `array`, `[..., K]`, is `gradient`, `[..., K]`."""

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
        _, array, gradient = inputs
        ctx.dtype = array.dtype
        ctx.save_for_backward(gradient)
        ctx.save_for_forward(gradient)

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient given, times the cotangent of each group."""
        (gradient,) = ctx.saved_tensors
        return None, (cotangent[..., None] * gradient).to(ctx.dtype), None


class _WithGradientForward(_WithGradient):
    """The same for derivatives taken forward, such as those of `torch.func.hessian`."""

    @staticmethod
    def jvp(ctx: Any, value: Any, array: Any, gradient: Any) -> Any:
        """The gradient given, along the tangent of the array."""
        del value, gradient
        (kept,) = ctx.saved_tensors
        return (kept * array).sum(-1)
