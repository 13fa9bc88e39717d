"""Neutral optimizer specs as optax transformations on packed parameters."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol

import jax
import jax.numpy as jnp
import optax
from jax.experimental import shard_alike
from optax.contrib import MuonDimensionNumbers, scale_by_muon

from tpo import SGD, Adam, Muon
from tpo_jax.packing import Flat, Stacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo import OptimizerSpec, Parameters

STACKED_MATRICES = MuonDimensionNumbers(reduction_axis=-2, output_axis=-1)


class RuleUpdate(Protocol):
    """How one rule turns gradients into updates, for the parameters it is given."""

    def init(self, params: Mapping[str, Any]) -> Any:
        """The state before the first update."""

    def update(self, grads: Mapping[str, Any], state: Any) -> tuple[dict[str, Any], Any]:
        """What to add to each parameter, for a learning rate of -1, and the new state."""


class OptaxOptimizer:
    """The rules of an `OptimizerSpec`, each on its own parameters."""

    def __init__(self, spec: OptimizerSpec) -> None:
        """Follow `spec`."""
        self._spec = spec

    def init(self, params: Parameters) -> dict[str, Any]:
        """The state before the first update, by rule."""
        return {
            str(rule): create_rule(rule).init({name: params[name] for name in names})
            for rule, names in self._spec.partition(list(params)).items()
        }

    def update(self, grads: Parameters, state: dict[str, Any], params: Parameters) -> tuple[Parameters, dict[str, Any]]:
        """The parameters and state after one update."""
        updated: dict[str, Any] = {}
        new_state: dict[str, Any] = {}
        for rule, names in self._spec.partition(list(params)).items():
            part = {name: grads[name] for name in names}
            steps, new_state[str(rule)] = create_rule(rule).update(part, state[str(rule)])
            updated |= {name: params[name] - self._spec.learning_rate * steps[name] for name in names}
        return {name: updated[name] for name in params}, new_state


@singledispatch
def create_rule(rule: Any) -> RuleUpdate:
    """The update that `rule` stands for."""
    raise TypeError(f"no optax transformation for {rule!r}")


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
    """A transformation of each number alone, and so of all of them at once."""

    def __init__(self, transformation: optax.GradientTransformation) -> None:
        """Wrap `transformation`."""
        self._transformation = transformation

    def init(self, params: Mapping[str, Any]) -> Any:
        """The transformation's state of the flat parameters."""
        return _start(self._transformation, _flat(params).pack(params))

    def update(self, grads: Mapping[str, Any], state: Any) -> tuple[dict[str, Any], Any]:
        """The transformed gradients."""
        packing = _flat(grads)
        updates, state = self._transformation.update(packing.pack(grads), state)
        return packing.unpack(updates), state


class Orthogonalized:
    """Muon: every axis of a stack but the last two is a batch of matrices."""

    def __init__(self, rule: Muon) -> None:
        """Follow `rule`."""
        self._coefficients = rule.coefficients
        self._transformation = scale_by_muon(
            ns_coeffs=rule.coefficients,
            ns_steps=rule.iterations,
            beta=rule.beta,
            eps=rule.eps,
            weight_dimension_numbers=lambda stacks: jax.tree.map(lambda _: STACKED_MATRICES, stacks),
        )

    def init(self, params: Mapping[str, Any]) -> Any:
        """The transformation's state of the stacked parameters, but for the coefficients, which are no seed's."""
        return _start(self._transformation, _stacked(params).pack(params))._replace(ns_coeffs=())

    def update(self, grads: Mapping[str, Any], state: Any) -> tuple[dict[str, Any], Any]:
        """Orthogonalized momenta, scaled by the square root of fan-out over fan-in where that is above 1."""
        packing = _stacked(grads)
        whole = state._replace(ns_coeffs=jnp.asarray(self._coefficients))
        updates, whole = self._transformation.update(packing.pack(grads), whole)
        steps = packing.unpack(updates)
        return {
            name: step * math.sqrt(max(1.0, step.shape[-1] / step.shape[-2])) for name, step in steps.items()
        }, whole._replace(ns_coeffs=())


def _start(transformation: optax.GradientTransformation, packed: Any) -> Any:
    """The first state, each moment on the devices that what it is a moment of is on: a compiled zero is on all."""
    alike: Any = shard_alike
    by_shape = {array.shape: array for array in jax.tree.leaves(packed)}

    def place(leaf: Any) -> Any:
        return alike.shard_alike(by_shape[leaf.shape], leaf)[1] if leaf.shape in by_shape else leaf

    return jax.tree.map(place, transformation.init(packed))


def _flat(params: Mapping[str, Any]) -> Flat:
    return Flat({name: jnp.shape(values) for name, values in params.items()})


def _stacked(params: Mapping[str, Any]) -> Stacked:
    return Stacked({name: jnp.shape(values) for name, values in params.items()})
