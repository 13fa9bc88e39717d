"""Optimizers by optax alone, each seed and parameter separately."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import jax
import numpy as np
import optax
import optax.contrib

from tpo import SGD, Adam, Muon, OptimizerSpec

Tree = dict[str, Any]


@singledispatch
def transformation(rule: Any, learning_rate: float) -> optax.GradientTransformation:
    raise NotImplementedError(f"{rule} at {learning_rate}")


@transformation.register
def _(rule: SGD, learning_rate: float) -> optax.GradientTransformation:
    return optax.sgd(learning_rate, momentum=rule.momentum or None)


@transformation.register
def _(rule: Adam, learning_rate: float) -> optax.GradientTransformation:
    return optax.adam(learning_rate, rule.b1, rule.b2, rule.eps, nesterov=rule.nesterov)


@transformation.register
def _(rule: Muon, learning_rate: float) -> optax.GradientTransformation:
    return optax.contrib.muon(learning_rate, rule.coefficients, rule.iterations, rule.beta, rule.eps)


def optimized(spec: OptimizerSpec, params: Tree, grads: list[Tree]) -> Tree:
    """Apply one update per tree of gradients to parameters `[S, ...]`; float64 must be enabled."""
    rules = {name: transformation(spec.rule_of(name), spec.learning_rate) for name in params}

    @jax.jit
    def step(params: Tree, states: Tree, grads: Tree) -> tuple[Tree, Tree]:
        results = {name: rules[name].update(grads[name], states[name], params[name]) for name in params}
        moved = {name: optax.apply_updates(params[name], update) for name, (update, _) in results.items()}
        return moved, {name: state for name, (_, state) in results.items()}

    def one_seed(seed: int) -> Tree:
        own = {name: values[seed] for name, values in params.items()}
        states = {name: rules[name].init(values) for name, values in own.items()}
        for tree in grads:
            own, states = step(own, states, {name: values[seed] for name, values in tree.items()})
        return own

    by_seed = [one_seed(seed) for seed in range(len(next(iter(params.values()))))]
    return {name: np.stack([result[name] for result in by_seed]) for name in params}
