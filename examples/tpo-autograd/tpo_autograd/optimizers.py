"""SGD, Adam and Muon on NumPy arrays with the seeds as axis 0."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo import SGD, Adam, Muon

if TYPE_CHECKING:
    from tpo import OptimizerSpec, Parameters

Moments = tuple[Any, ...]


class NumpyOptimizer:
    """An optimizer that applies the rules of an `OptimizerSpec`, each parameter separately."""

    def __init__(self, spec: OptimizerSpec) -> None:
        """Create the optimizer of `spec`."""
        self._spec = spec

    def init(self, params: Parameters) -> dict[str, Any]:
        """Create two moments per parameter, and the count of updates."""
        moments = {name: (np.zeros_like(values), np.zeros_like(values)) for name, values in params.items()}
        return {"moments": moments, "count": np.zeros((), np.int64)}

    def update(self, grads: Parameters, state: dict[str, Any], params: Parameters) -> tuple[Parameters, dict[str, Any]]:
        """Return parameters and state after one update."""
        count = state["count"] + 1
        moved, moments = {}, {}
        for name, values in params.items():
            step, moments[name] = advance(self._spec.rule_of(name), grads[name], state["moments"][name], int(count))
            moved[name] = values - self._spec.learning_rate * step
        return moved, {"moments": moments, "count": count}


@singledispatch
def advance(rule: Any, gradient: Any, moments: Moments, count: int) -> tuple[Any, Moments]:
    """Compute a parameter's step at a learning rate of 1, and its moments after update number `count`."""
    raise NotImplementedError(f"{rule} at update {count} of {len(moments)} moments of {gradient}")


@advance.register
def _(rule: SGD, gradient: Any, moments: Moments, count: int) -> tuple[Any, Moments]:
    del count
    velocity = rule.momentum * moments[0] + gradient
    return velocity, (velocity, moments[1])


@advance.register
def _(rule: Adam, gradient: Any, moments: Moments, count: int) -> tuple[Any, Moments]:
    first = rule.b1 * moments[0] + (1 - rule.b1) * gradient
    second = rule.b2 * moments[1] + (1 - rule.b2) * gradient * gradient
    mean = look_ahead(rule.b1, first, gradient, count) if rule.nesterov else first / (1 - rule.b1**count)
    return mean / (np.sqrt(second / (1 - rule.b2**count)) + rule.eps), (first, second)


@advance.register
def _(rule: Muon, gradient: Any, moments: Moments, count: int) -> tuple[Any, Moments]:
    momentum = rule.beta * moments[0] + (1 - rule.beta) * gradient
    rows, columns = gradient.shape[-2:]
    step = orthogonalize(rule, look_ahead(rule.beta, momentum, gradient, count))
    return step * max(1.0, columns / rows) ** 0.5, (momentum, moments[1])


def look_ahead(decay: float, moment: Any, gradient: Any, count: int) -> Any:
    """Nesterov's moment with bias correction."""
    return decay / (1 - decay ** (count + 1)) * moment + (1 - decay) / (1 - decay**count) * gradient


def orthogonalize(rule: Muon, matrices: Any) -> Any:
    """Orthogonalize `[S, rows, columns]` by Newton-Schulz iterations; tall matrices are transposed first."""
    if matrices.shape[-2] > matrices.shape[-1]:
        return orthogonalize(rule, matrices.mT).mT
    linear, cubic, quintic = rule.coefficients
    x = matrices / (np.linalg.norm(matrices, axis=(-2, -1), keepdims=True) + rule.eps)
    for _ in range(rule.iterations):
        gram = x @ x.mT
        x = linear * x + (cubic * gram + quintic * gram @ gram) @ x
    return x
