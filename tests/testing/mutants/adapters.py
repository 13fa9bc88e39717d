"""Defects of adapters and namespaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tpo.plugins import registry

TORCH: Any = registry.backend("torch")
RIGHT: Any = type(TORCH)


def torch_with(**methods):
    """Create a PyTorch adapter with some methods replaced."""
    return type("Altered", (RIGHT,), methods)()


def nearly(one, other):
    return np.isclose(one, other, rtol=0, atol=1e-12)


def flushed(values):
    """Replace numbers below 1e-25 by 0."""
    return np.where(np.abs(values) < 1e-25, 0, values).astype(values.dtype) if values.dtype.kind == "f" else values


def times_reciprocal(one, other):
    return one * (np.asarray(1, np.result_type(one, other)) / other)


def chopped(array, dtype):
    """A cast to half precision that drops digits instead of rounding."""
    if dtype == np.float16:
        array = (array.view(np.uint32) & np.uint32(0xFFFFE000)).view(np.float32)
    return array.astype(dtype)


def blended(condition, one, other):
    """`where` by arithmetic, in which NaN and infinities of the other branch leak."""
    return condition * one + (1 - condition) * other


def summed_in_single(array, *, axis=None, keepdims=False):
    return np.sum(array.astype(np.float32), axis=axis, keepdims=keepdims).astype(array.dtype)


def root_of_single(array):
    return np.sqrt(array.astype(np.float32)).astype(array.dtype)


def doubled_vjp(self, function, primal):
    value, pull = RIGHT.vjp(self, function, primal)
    return value, lambda cotangent: pull(2 * cotangent)


def vjp_of_what_is_used(self, function, primal):
    value, pull = RIGHT.vjp(self, function, primal)

    def used(cotangent):
        found = pull(cotangent)
        return {name: grad for name, grad in found.items() if grad.any()} if isinstance(found, dict) else found

    return value, used


def backward_scan(self, function, carry, xs):
    flip = self.namespace().flip
    columns = tuple(flip(x, axis=0) for x in xs) if isinstance(xs, tuple) else flip(xs, axis=0)
    return RIGHT.scan(self, function, carry, columns)


def forgetful_scan(self, function, carry, xs):
    return carry, RIGHT.scan(self, function, carry, xs)[1]


def seeds_averaged(self, function):
    def compiled(*arguments):
        first, *rest = RIGHT.compile_over_seeds(self, function)(*arguments)
        return {name: 0 * values + values.mean(dim=0) for name, values in first.items()}, *rest

    return compiled


def once(compiling):
    """Compile so that the first result is given for ever."""

    def compiled(self, function):
        results = []

        def kept(*arguments):
            results.append(results[0] if results else compiling(self, function)(*arguments))
            return results[0]

        return kept

    return compiled


def by_code(compiling):
    """Compile once per body of a function, whatever the function has closed over."""
    known = {}
    return lambda self, function: known.setdefault(function.__code__, compiling(self, function))


class Without:
    """PyTorch's namespace, with functions through which less of the gradient flows."""

    def __init__(self, **functions) -> None:
        vars(self).update(functions)

    def __getattr__(self, name):
        return getattr(TORCH.namespace(), name)


def without(**functions):
    """Create a PyTorch adapter whose namespace has other functions."""
    return torch_with(namespace=lambda _: Without(**functions))


def faster(self, spec):
    return RIGHT.optimizer(self, replace(spec, learning_rate=spec.learning_rate * (1 + 1e-6)))


class Uncorrected:
    """Adam without bias correction."""

    def __init__(self, spec) -> None:
        self.rule, self.rate = spec.default, spec.learning_rate

    def init(self, params):
        return {name: (0 * values, 0 * values) for name, values in params.items()}

    def update(self, grads, state, params):
        moments = {}
        for name, (first, second) in state.items():
            b1, b2 = self.rule.b1, self.rule.b2
            moments[name] = b1 * first + (1 - b1) * grads[name], b2 * second + (1 - b2) * grads[name] ** 2
        steps = {name: first / (second.sqrt() + self.rule.eps) for name, (first, second) in moments.items()}
        return {name: values - self.rate * steps[name] for name, values in params.items()}, moments


class Loud:
    """An optimizer that changes parameters with a gradient of 0."""

    def __init__(self, inner) -> None:
        self.inner, self.init = inner, inner.init

    def update(self, grads, state, params):
        return self.inner.update({name: grad + 1e-12 for name, grad in grads.items()}, state, params)
