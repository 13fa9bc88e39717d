"""A value with a gradient that is given."""

from __future__ import annotations

from typing import Any

import torch


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

    @staticmethod
    def backward(ctx: Any, cotangent: Any) -> tuple[Any, ...]:
        """The gradient given, times the cotangent of each group."""
        (gradient,) = ctx.saved_tensors
        return None, (cotangent[..., None] * gradient).to(ctx.dtype), None


def with_gradient(value: Any, array: Any, gradient: Any) -> Any:
    """`value` with that gradient."""
    apply: Any = _WithGradient.apply
    return apply(value, array, gradient)
