"""Optimizers from an `OptimizerSpec`: optax transformations of packed parameters."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol

import jax
import jax.numpy as jnp
import optax

from tpo import SGD, Adam, InvalidTypeError, Muon
from tpo_jax.muon import Orthogonalized
from tpo_jax.packing import Flat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo import OptimizerSpec, Parameters


class RuleUpdate(Protocol):
    """An update rule for a set of parameters, as two pure functions."""

    def init(self, params: Mapping[str, Any]) -> Any:
        """Create the state before the first update."""

    def update(self, grads: Mapping[str, Any], state: Any) -> tuple[dict[str, Any], Any]:
        """Return the step of each parameter for a learning rate of -1, and the new state."""


class OptaxOptimizer:
    """An optimizer that applies each rule of an `OptimizerSpec` to its own parameters."""

    def __init__(self, spec: OptimizerSpec) -> None:
        """Create the optimizer of `spec`."""
        self._spec = spec

    def init(self, params: Parameters) -> dict[str, Any]:
        """Create the state before the first update, one part per update rule, on the devices of the parameters."""

        def begin(params: Parameters) -> dict[str, Any]:
            return {
                str(rule): create_rule(rule).init({name: params[name] for name in names})
                for rule, names in self._spec.partition(list(params)).items()
            }

        # Zeros from a compiled function depend on no parameter, so their devices must be given explicitly. Tracers have
        # no `sharding` yet.
        placed = getattr(next(iter(params.values())), "sharding", None)
        devices = jax.tree.map(lambda leaf: placed if leaf.ndim else None, jax.eval_shape(begin, params))
        state: dict[str, Any] = jax.jit(begin, out_shardings=devices)(params)
        return state

    def update(self, grads: Parameters, state: dict[str, Any], params: Parameters) -> tuple[Parameters, dict[str, Any]]:
        """Return parameters and state after one update."""
        updated: dict[str, Any] = {}
        new_state: dict[str, Any] = {}
        for rule, names in self._spec.partition(list(params)).items():
            part = {name: grads[name] for name in names}
            steps, new_state[str(rule)] = create_rule(rule).update(part, state[str(rule)])
            updated |= {name: params[name] - self._spec.learning_rate * steps[name] for name in names}
        return {name: updated[name] for name in params}, new_state


@singledispatch
def create_rule(rule: Any) -> RuleUpdate:
    """Create the update of a rule.

    Raises:
        InvalidTypeError: It is another one than SGD, Adam or Muon.
    """
    raise InvalidTypeError(f"an update rule must be SGD, Adam or Muon; got {rule!r}. Choose one of them.")


@create_rule.register
def _(rule: SGD) -> RuleUpdate:
    return Elementwise(optax.trace(rule.momentum) if rule.momentum else optax.identity())


@create_rule.register
def _(rule: Adam) -> RuleUpdate:
    return Elementwise(optax.scale_by_adam(rule.b1, rule.b2, rule.eps, nesterov=rule.nesterov))


@create_rule.register
def _(rule: Muon) -> RuleUpdate:
    return Orthogonalized(rule)


class Elementwise:
    """An elementwise optax transformation, applied to all parameters as one flat array."""

    def __init__(self, transformation: optax.GradientTransformation) -> None:
        """Wrap `transformation`."""
        self._transformation = transformation

    def init(self, params: Mapping[str, Any]) -> Any:
        """Create the transformation's state for the flat parameters."""
        return self._transformation.init(_flat(params).pack(params))

    def update(self, grads: Mapping[str, Any], state: Any) -> tuple[dict[str, Any], Any]:
        """Return the transformed gradients, and the new state."""
        packing = _flat(grads)
        updates, state = self._transformation.update(packing.pack(grads), state)
        return packing.unpack(updates), state


def _flat(params: Mapping[str, Any]) -> Flat:
    return Flat({name: jnp.shape(values) for name, values in params.items()})
