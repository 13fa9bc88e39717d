"""The JAX adapter."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from tpo import NeutralOps, floor_of
from tpo_jax.cache import keep_compiled_programs
from tpo_jax.devices import find_devices, sharding_of
from tpo_jax.fused import FUSED
from tpo_jax.isolated import XP
from tpo_jax.optimizers import OptaxOptimizer
from tpo_jax.precision import float64_as_needed
from tpo_jax.seeds import one_by_one

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tpo import Optimizer, OptimizerSpec


class JaxBackend(NeutralOps):
    """JAX as a backend: arrays live on one device, but the seeds of a training run are spread over all devices."""

    name = "jax"
    fused = FUSED

    def __init__(self, device: str | None = None) -> None:
        """Use all devices of a platform, such as `gpu`, or one device, such as `gpu:1`; JAX's default if `None`.

        Raises:
            InvalidArgumentError: JAX has no such device here.
        """
        self._name = device
        self._device = None if device is None else find_devices(device)[0]

    def namespace(self) -> Any:
        """`jax.numpy`, which follows the standard."""
        return jnp

    def asarray(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert to a JAX array on the first device; 64-bit integers become 32-bit ones unless float64 is enabled."""
        return jax.device_put(jnp.asarray(values, dtype=dtype), self._device)

    def shard(self, values: Any, *, dtype: str | None = None) -> Any:
        """Convert to a JAX array whose seeds are divided equally among as many devices as possible."""
        host = np.asarray(values, dtype=dtype)
        return jax.device_put(host, sharding_of(self._devices, len(host)))

    def shard_like(self, values: np.ndarray[Any, Any], like: Any) -> Any:
        """Convert to a JAX array on the devices of `like`."""
        return jax.device_put(values, like.sharding)

    @functools.cached_property
    def _devices(self) -> tuple[Any, ...]:
        return find_devices(self._name)

    def adopt(self, values: Any, like: Any) -> Any:
        """Convert to a JAX array; JAX moves it to the device that uses it."""
        del like
        return jnp.asarray(values)

    def stop_gradient(self, array: Any) -> Any:
        """Stop the gradient by `jax.lax.stop_gradient`."""
        return jax.lax.stop_gradient(array)

    def log_softmax(self, array: Any) -> Any:
        """Log-softmax by `jax.nn.log_softmax`, with `-inf` replaced by the floor."""
        return jax.nn.log_softmax(jnp.maximum(array, floor_of(jnp, array)), axis=-1)

    def with_gradient(self, value: Any, array: Any, gradient: Any) -> Any:
        """Attach a gradient by a function with a custom backward pass."""
        return _with_gradient(value, array, gradient)

    def run(self, function: Callable[..., Any], *arrays: Any, **options: Any) -> Any:
        """Call `function` under `jax.jit`, which starts one program instead of hundreds of operations."""
        return _jitted(function, tuple(options.items()))(*arrays)

    def vjp(self, function: Callable[[Any], Any], primal: Any) -> tuple[Any, Callable[[Any], Any]]:
        """Differentiate by `jax.vjp`."""
        value, pullback = jax.vjp(function, primal)
        return value, lambda cotangent: pullback(cotangent)[0]

    def compile(self, function: Any) -> Any:
        """`jax.jit`, with compiled programs cached on disk for later processes."""
        keep_compiled_programs()
        return jax.jit(function)

    def compile_over_seeds(self, function: Any) -> Any:
        """Compile with a loop over the seeds on one CPU, and with all seeds at once elsewhere."""
        one_cpu = len(self._devices) == 1 and self._devices[0].platform == "cpu"
        return self.compile(one_by_one(function) if one_cpu else function)

    def scan(self, function: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any) -> tuple[Any, Any]:
        """Scan by `jax.lax.scan`."""
        return jax.lax.scan(function, carry, xs)

    def cond(self, predicate: Any, if_true: Callable[[], Any], if_false: Callable[[], Any]) -> Any:
        """Branch by `jax.lax.cond`."""
        return jax.lax.cond(predicate, if_true, if_false)

    def placeholder(self, function: Callable[..., Any], *arrays: Any) -> Any:
        """Zeros in the shapes of `function(*arrays)`, since `jax.lax.scan` needs a carry of fixed structure."""
        return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), jax.eval_shape(function, *arrays))

    def bucket_size(self, count: int, limit: int) -> int:
        """Round `count` up to `limit` divided by a power of sqrt(2), which bounds the number of compiled programs."""
        halvings = math.floor(2 * math.log2(limit / max(count, 1)))
        return math.ceil(limit * 2 ** (-halvings / 2))

    def optimizer(self, spec: OptimizerSpec) -> Optimizer:
        """Create the optimizer from optax."""
        return OptaxOptimizer(spec)

    def precision(self, dtype: str) -> AbstractContextManager[None]:
        """Enable float64 in a scope, if `dtype` needs it."""
        return float64_as_needed(dtype)


@jax.custom_vjp
def _with_gradient(value: Any, array: Any, gradient: Any) -> Any:
    del array, gradient
    return value


def _forward(value: Any, array: Any, gradient: Any) -> Any:
    return value, (gradient, jnp.zeros((), array.dtype))


def _backward(kept: Any, cotangent: Any) -> Any:
    gradient, like = kept
    return None, (cotangent[..., None] * gradient).astype(like.dtype), None


_with_gradient.defvjp(_forward, _backward)


@functools.cache
def _jitted(function: Callable[..., Any], options: tuple[tuple[str, Any], ...]) -> Any:
    return jax.jit(functools.partial(function, XP, **dict(options)))
