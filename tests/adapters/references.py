"""Optimizers by optax alone: each seed and parameter on its own, without any adapter."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import jax
import numpy as np
import optax
import optax.contrib

from tpo import SGD, Adam, Muon, OptimizerSpec

Trees = list[dict[str, np.ndarray]]


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


def optimized(spec: OptimizerSpec, params: dict[str, np.ndarray], grads: Trees) -> dict[str, np.ndarray]:
    """Parameters `[S, ...]` after one update per tree of gradients; float64 must be on."""
    seeds = range(len(next(iter(params.values()))))
    by_seed = [_one_seed(spec, _slice(params, seed), [_slice(tree, seed) for tree in grads]) for seed in seeds]
    return {name: np.stack([result[name] for result in by_seed]) for name in params}


def _slice(tree: dict[str, np.ndarray], seed: int) -> dict[str, np.ndarray]:
    return {name: values[seed] for name, values in tree.items()}


def _one_seed(spec: OptimizerSpec, params: dict[str, np.ndarray], grads: Trees) -> dict[str, np.ndarray]:
    rules = {name: transformation(spec.rule_of(name), spec.learning_rate) for name in params}

    def step(params: Any, state: Any, grads: Any) -> tuple[Any, Any]:
        results = {name: rules[name].update(grads[name], state[name], params[name]) for name in params}
        moved = {name: optax.apply_updates(params[name], update) for name, (update, _) in results.items()}
        return moved, {name: new for name, (_, new) in results.items()}

    def loop(params: Any, grads: Any) -> Any:
        state = {name: rules[name].init(params[name]) for name in params}
        return jax.lax.scan(lambda carry, tree: (step(*carry, tree), None), (params, state), grads)[0][0]

    stacked = {name: np.stack([tree[name] for tree in grads]) for name in params}
    return {name: np.asarray(values) for name, values in jax.jit(loop)(params, stacked).items()}
