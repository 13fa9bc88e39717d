"""`jax.numpy` for compiled code whose rounding must not depend on the surrounding code."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


class Isolated:
    """`jax.numpy` with an `exp` that is never fused with the operations around it.

    On CPUs, the rounding of an exponential under XLA of JAX 0.12 depends on the operations that it is fused with, so
    that `p` and `q` of a tied group would differ.
    """

    @staticmethod
    def exp(x: Any) -> Any:
        """`jax.numpy.exp`, between two barriers."""
        return _apart(jnp.exp(_apart(x)))

    def __getattr__(self, name: str) -> Any:
        """Any other function of `jax.numpy`."""
        return getattr(jnp, name)


@jax.custom_batching.custom_vmap
def _apart(x: Any) -> Any:
    """Return `x` behind a barrier that prevents fusion."""
    barrier: Any = jax.lax.optimization_barrier
    return barrier(x)


@_apart.def_vmap
def _apart_of_many(_size: int, batched: list[bool], x: Any) -> tuple[Any, bool]:
    # JAX 0.4.35 has no batching rule for the barrier.
    return _apart(x), batched[0]


XP = Isolated()
