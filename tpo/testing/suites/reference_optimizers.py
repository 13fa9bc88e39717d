"""Reference optimizers in plain NumPy and float64, for one parameter of one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.optimizers import SGD, Adam, Muon

if TYPE_CHECKING:
    from tpo.optimizers import OptimizerSpec

Array = np.ndarray[Any, Any]
Tree = dict[str, Array]


@singledispatch
def steps(rule: Any, gradients: Sequence[Array]) -> Iterator[Array]:
    """Compute the step that a rule subtracts for each gradient in turn, at a learning rate of 1."""
    raise NotImplementedError(f"{rule} of {len(gradients)} gradients")


@steps.register
def _(rule: SGD, gradients: Sequence[Array]) -> Iterator[Array]:
    velocity = np.zeros_like(gradients[0])
    for gradient in gradients:
        velocity = rule.momentum * velocity + gradient
        yield velocity


@steps.register
def _(rule: Adam, gradients: Sequence[Array]) -> Iterator[Array]:
    first, second = np.zeros_like(gradients[0]), np.zeros_like(gradients[0])
    for count, gradient in enumerate(gradients, start=1):
        first = rule.b1 * first + (1 - rule.b1) * gradient
        second = rule.b2 * second + (1 - rule.b2) * gradient**2
        plain = first / (1 - rule.b1**count)
        mean = _ahead(rule.b1, first, gradient, count) if rule.nesterov else plain
        yield mean / (np.sqrt(second / (1 - rule.b2**count)) + rule.eps)


@steps.register
def _(rule: Muon, gradients: Sequence[Array]) -> Iterator[Array]:
    momentum = np.zeros_like(gradients[0])
    for count, gradient in enumerate(gradients, start=1):
        momentum = rule.beta * momentum + (1 - rule.beta) * gradient
        fan_in, fan_out = gradient.shape
        yield max(1, fan_out / fan_in) ** 0.5 * _orthogonalized(rule, _ahead(rule.beta, momentum, gradient, count))


def _ahead(decay: float, moment: Array, gradient: Array, count: int) -> Array:
    """Nesterov's moment: one more decay with the same gradient, bias-corrected."""
    ahead, now = decay / (1 - decay ** (count + 1)), (1 - decay) / (1 - decay**count)
    return np.asarray(ahead * moment + now * gradient)


def _orthogonalized(rule: Muon, matrix: Array) -> Array:
    """Orthogonalize a matrix by Newton-Schulz iterations, transposed so that its rows are the shorter side."""
    if matrix.shape[0] > matrix.shape[1]:
        return np.asarray(_orthogonalized(rule, matrix.T).T)
    linear, cubic, quintic = rule.coefficients
    x: Array = matrix / (np.linalg.norm(matrix) + rule.eps)
    for _ in range(rule.iterations):
        gram = x @ x.T
        x = np.asarray(linear * x + (cubic * gram + quintic * gram @ gram) @ x)
    return x


def optimized(spec: OptimizerSpec, params: Tree, gradients: Sequence[Tree]) -> Tree:
    """Apply one update per tree of gradients to parameters `[S, ...]`, each seed and parameter independently."""
    return {
        name: np.stack([_moved(spec, name, start, _of(gradients, name, seed)) for seed, start in enumerate(values)])
        for name, values in params.items()
    }


def _of(gradients: Sequence[Tree], name: str, seed: int) -> list[Array]:
    return [tree[name][seed] for tree in gradients]


def _moved(spec: OptimizerSpec, name: str, start: Array, gradients: Sequence[Array]) -> Array:
    return np.asarray(start - spec.learning_rate * sum(steps(spec.rule_of(name), gradients)))
