"""Neutral optimizer specs as optax transformations, one state per seed."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import jax
import optax
from optax.contrib import MuonDimensionNumbers, scale_by_muon

from tpo import SGD, Adam, Muon

if TYPE_CHECKING:
    from tpo import OptimizerSpec, Parameters

FAN_IN_BY_FAN_OUT = MuonDimensionNumbers(reduction_axis=0, output_axis=1)


class OptaxOptimizer:
    """An optax transformation applied to every seed on its own."""

    def __init__(self, transformation: optax.GradientTransformation) -> None:
        """Wrap `transformation`, which sees arrays without the seeds axis."""
        self._init = jax.vmap(transformation.init)
        self._update = jax.vmap(transformation.update)

    def init(self, params: Parameters) -> Any:
        """The state before the first update."""
        return self._init(params)

    def update(self, grads: Parameters, state: Any, params: Parameters) -> tuple[Parameters, Any]:
        """The parameters and state after one update."""
        updates, state = self._update(grads, state, params)
        return optax.apply_updates(params, updates), state


def create_optimizer(spec: OptimizerSpec) -> OptaxOptimizer:
    """The optimizer that `spec` describes."""
    rules = {str(rule): rule for rule in (spec.default, *spec.rules.values())}
    transformations = {label: _transformation(rule, spec.learning_rate) for label, rule in rules.items()}

    def labels(params: Any) -> dict[str, str]:
        return {name: str(spec.rule_of(name)) for name in params}

    return OptaxOptimizer(optax.partition(transformations, labels))


@singledispatch
def _transformation(rule: Any, learning_rate: float) -> optax.GradientTransformation:
    raise TypeError(f"no optax transformation for {rule!r} at {learning_rate}")


@_transformation.register
def _(rule: SGD, learning_rate: float) -> optax.GradientTransformation:
    return optax.sgd(learning_rate, momentum=rule.momentum or None)


@_transformation.register
def _(rule: Adam, learning_rate: float) -> optax.GradientTransformation:
    return optax.adam(learning_rate, b1=rule.b1, b2=rule.b2, eps=rule.eps, nesterov=rule.nesterov)


@_transformation.register
def _(rule: Muon, learning_rate: float) -> optax.GradientTransformation:
    def dimensions(params: Any) -> Any:
        return jax.tree.map(lambda _: FAN_IN_BY_FAN_OUT, params)

    return optax.chain(
        scale_by_muon(
            ns_coeffs=rule.coefficients,
            ns_steps=rule.iterations,
            beta=rule.beta,
            eps=rule.eps,
            weight_dimension_numbers=dimensions,
        ),
        optax.stateless_with_tree_map(lambda update, _: _width_scale(update) * update),
        optax.scale_by_learning_rate(learning_rate),
    )


def _width_scale(update: Any) -> float:
    fan_in, fan_out = update.shape
    return math.sqrt(max(1.0, fan_out / fan_in))
