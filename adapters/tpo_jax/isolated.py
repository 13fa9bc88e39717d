"""`jax.numpy` for compiled code that must round alike wherever it stands."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


class Isolated:
    """`jax.numpy`, whose `exp` is compiled apart from what is around it.

    XLA of JAX 0.12 rounds an exponential on a CPU by what it is fused with: `p` and `q` of a tied group then differ.
    """

    @staticmethod
    def exp(x: Any) -> Any:
        """`jax.numpy.exp`."""
        return _apart(jnp.exp(_apart(x)))

    def __getattr__(self, name: str) -> Any:
        """Everything else."""
        return getattr(jnp, name)


@jax.custom_batching.custom_vmap
def _apart(x: Any) -> Any:
    """The same numbers, not fused with what is computed from them."""
    barrier: Any = jax.lax.optimization_barrier
    return barrier(x)


@_apart.def_vmap
def _apart_of_many(_size: int, batched: list[bool], x: Any) -> tuple[Any, bool]:
    # JAX 0.4.35 has no rule of its own.
    return _apart(x), batched[0]


XP = Isolated()
