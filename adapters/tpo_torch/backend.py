"""The PyTorch adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import array_api_compat.torch as xp
import numpy as np
import torch

from tpo import EagerOps, InvalidArgumentError, floor_of
from tpo_torch.detour import host_arrays, on_host
from tpo_torch.fused import FUSED
from tpo_torch.optimizers import TorchOptimizer
from tpo_torch.with_gradient import with_gradient, with_own_gradient

if TYPE_CHECKING:
    from tpo import Optimizer, OptimizerSpec

SIGNED = {torch.uint16: torch.int32, torch.uint32: torch.int64}
"""Unsigned dtypes without arithmetic, with the narrowest signed dtype that holds all their numbers."""

UNSIGNED = {*SIGNED, torch.uint64}
"""All unsigned dtypes without arithmetic."""

NARROW = 16
"""Length of the last axis below which PyTorch on a CPU does not vectorize a softmax over it, which takes up to nine
times as long as over the axis before it."""


class TorchBackend(EagerOps):
    """PyTorch as a backend, with tensors on one device."""

    name = "torch"
    fused = FUSED

    def __init__(self, device: str | None = None) -> None:
        """Use `device`, such as `cpu` or `cuda:0`; the CPU if `None`.

        Raises:
            InvalidArgumentError: PyTorch has no such device here.
        """
        self._device = _find_device(device or "cpu")

    def namespace(self) -> Any:
        """PyTorch, wrapped to follow the standard."""
        return xp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert to a tensor on this backend's device."""
        kind = None if dtype is None else getattr(torch, dtype)
        return torch.as_tensor(_writable(values), dtype=kind, device=self._device)

    def own(self, array: Any) -> Any:
        """Convert unsigned integers to signed ones, and copy tensors made under an `inference_mode` that has ended.

        Autograd refuses tensors made under `inference_mode`, but not their copies.
        """
        if array.dtype in UNSIGNED:
            array = _signed(array)
        # Dynamo cannot trace `is_inference`, and a copy would not help: AOTAutograd saves the original.
        if torch.compiler.is_dynamo_compiling() or not array.is_inference() or torch.is_inference_mode_enabled():
            return array
        return array.clone()

    def adopt(self, values: Any, like: Any) -> Any:
        """Convert to a tensor on the device of `like`."""
        return _signed(torch.as_tensor(_writable(values), device=like.device))

    def to_numpy(self, array: Any) -> Any:
        """Convert to NumPy; bfloat16, which NumPy lacks, becomes float32."""
        host = array.detach().cpu()
        return (host.float() if host.dtype is torch.bfloat16 else host).numpy()

    def stop_gradient(self, array: Any) -> Any:
        """Stop the gradient by `Tensor.detach`."""
        return array.detach()

    def log_softmax(self, array: Any) -> Any:
        """Log-softmax by `torch.log_softmax`, with `-inf` replaced by the floor."""
        floor = floor_of(xp, array)
        # Both compute the same. In eager mode the backward pass of a clamp takes four times as long as that of a
        # threshold; compiled, a loss with a threshold takes twice as long as one with a clamp.
        compiled = torch.compiler.is_compiling()
        finite = torch.clamp(array, min=floor) if compiled else torch.threshold(array, floor, floor)
        if array.ndim > 1 and array.shape[-1] < NARROW and array.device.type == "cpu":
            return torch.log_softmax(finite.mT.contiguous(), dim=-2).mT
        return torch.log_softmax(finite, dim=-1)

    def with_gradient(self, value: Any, array: Any, gradient: Any) -> Any:
        """Attach a gradient by a function with a custom backward pass."""
        return with_gradient(value, array, gradient)

    def with_own_gradient(self, function: Callable[[Any], tuple[Any, Any]], array: Any) -> Any:
        """Attach a gradient by a custom backward pass, which recomputes the gradient if it is differentiated itself."""
        return with_own_gradient(function, array)

    def run(self, function: Callable[..., Any], *arrays: Any, **options: Any) -> Any:
        """Call `function` with NumPy if that gives the same bits: NumPy starts an operation in a third of the time."""
        on_cpu = host_arrays(arrays) if getattr(function, "same_bits", False) else None
        return super().run(function, *arrays, **options) if on_cpu is None else on_host(function, on_cpu, options)

    def keeps_roundings(self) -> bool:
        """False while `torch.compile` traces, which takes minutes for double words."""
        return not torch.compiler.is_compiling()

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """Run the forward pass under autograd; the pullback runs the backward pass."""
        # A caller's `inference_mode` disables gradients, too; `enable_grad` alone has no effect there.
        with torch.inference_mode(mode=False), torch.enable_grad():
            variables = _map(lambda array: self.own(array).detach().requires_grad_(), primal)
            value = function(variables)

        def pullback(cotangent: Any) -> Any:
            leaves = _leaves(variables)
            if not value.requires_grad:
                return _map(torch.zeros_like, primal)
            grads = torch.autograd.grad(value, leaves, cotangent, allow_unused=True, materialize_grads=True)
            remaining = iter(grads)
            return _map(lambda _: next(remaining), variables)

        return value.detach(), pullback

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """Create the optimizer from `torch.optim`, with Muon as optax defines it."""
        return TorchOptimizer(spec)


def _signed(array: Any) -> Any:
    """Convert unsigned integers without arithmetic to signed ones; return any other tensor unchanged.

    Raises:
        InvalidArgumentError: No signed dtype holds all numbers of the dtype.
    """
    if array.dtype is torch.uint64:
        message = "integers must be of a dtype that PyTorch can compute with; got torch.uint64."
        raise InvalidArgumentError(f"{message} Convert them: x.to(torch.int64).")
    return array.to(SIGNED[array.dtype]) if array.dtype in SIGNED else array


def _writable(values: Any) -> Any:
    """Copy NumPy arrays whose memory PyTorch cannot share: read-only ones and ones with negative strides."""
    return np.require(values, requirements=("C", "W")) if isinstance(values, np.ndarray) else values


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply `function` to an array, or to each array of a dictionary."""
    if isinstance(tree, Mapping):
        return {name: function(array) for name, array in tree.items()}
    return function(tree)


def _leaves(tree: Any) -> list[Any]:
    return list(tree.values()) if isinstance(tree, Mapping) else [tree]


def _find_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros((), device=device).item()  # Numbers must be readable: those of `meta` are not.
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        message = f"the device must be one that PyTorch has here; got {name!r}. PyTorch says: {reason}. Use 'cpu'."
        raise InvalidArgumentError(message) from error
    return device
