"""Muon for JAX, on stacks of matrices of one shape.

optax has Muon only in `optax.contrib`, where any version may change it: before 0.2.6 it took no batches of matrices.
This is a copy of the computation of 0.2.8, with the same operations.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import jax.numpy as jnp

from tpo_jax.packing import Stacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo import Muon


class MuonState(NamedTuple):
    """The number of updates, and the momenta stacked by shape."""

    count: Any
    momentum: dict[str, Any]


class Orthogonalized:
    """Muon's update, orthogonalized momentum, of parameters `[S, fan_in, fan_out]`; each seed's matrix is separate."""

    def __init__(self, rule: Muon) -> None:
        """Use the settings of `rule`."""
        self._rule = rule

    def init(self, params: Mapping[str, Any]) -> MuonState:
        """Create momenta of 0."""
        stacks = _stacked(params).pack(params)
        return MuonState(jnp.zeros((), jnp.int32), {label: jnp.zeros_like(stack) for label, stack in stacks.items()})

    def update(self, grads: Mapping[str, Any], state: MuonState) -> tuple[dict[str, Any], MuonState]:
        """Return orthogonalized momenta, scaled by `sqrt(max(1, fan_out / fan_in))`."""
        packing, beta, count = _stacked(grads), self._rule.beta, state.count + 1
        now, later = 1 - beta**count, 1 - beta ** (count + 1)
        momentum, directions = {}, {}
        for label, grad in packing.pack(grads).items():
            moment = (1 - beta) * grad + beta * state.momentum[label]
            ahead = beta * (moment / later.astype(grad.dtype)) + (1 - beta) * (grad / now.astype(grad.dtype))
            momentum[label], directions[label] = moment, self._orthogonalize(ahead)
        steps = packing.unpack(directions)
        scaled = {name: step * math.sqrt(max(1.0, step.shape[-1] / step.shape[-2])) for name, step in steps.items()}
        return scaled, MuonState(count, momentum)

    def _orthogonalize(self, x: Any) -> Any:
        """Orthogonalize `[S, n, rows, columns]`, rows <= columns, by Newton-Schulz iterations."""
        linear, cubic, quintic = self._rule.coefficients
        shape, x = x.shape, x.reshape(-1, *x.shape[-2:])
        x = x / (jnp.linalg.norm(x, ord="fro", axis=(-2, -1), keepdims=True) + self._rule.eps)
        for _ in range(self._rule.iterations):
            gram = x @ x.mT
            x = linear * x + (cubic * gram + quintic * gram @ gram) @ x
        return x.reshape(shape)


def _stacked(params: Mapping[str, Any]) -> Stacked:
    return Stacked({name: jnp.shape(values) for name, values in params.items()})
