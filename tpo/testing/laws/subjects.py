"""Subjects of the laws: a loss on one backend in one dtype, called with NumPy arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tpo.backends.protocols import Autodiff
from tpo.core.group import Group
from tpo.core.loss import Loss
from tpo.errors import TPOError
from tpo.testing.laws.groups import FROM_MODELS
from tpo.testing.laws.outcomes import Outcome

if TYPE_CHECKING:
    from tpo.backends.protocols import Backend
    from tpo.core.algorithms.base import Algorithm
    from tpo.testing.laws.groups import Array, Groups

HALVES = ("float16", "bfloat16")

LossFunction = Callable[[Any, Mapping[str, Any]], Loss]
"""A function of log-probs, and of all other arrays by name, that returns a loss per group."""


class Values:
    """A loss on a backend that does not differentiate."""

    def __init__(self, backend: Backend, loss: LossFunction, dtype: str) -> None:
        """Wrap `loss`, to be called with arrays of `backend`, floating ones in `dtype`."""
        self.backend, self.loss, self._dtype = backend, loss, dtype
        self._others: dict[str, Values] = {}

    def outcome(self, groups: Groups) -> Outcome:
        """Evaluate the loss: value and weight of each group as NumPy arrays, and no gradient."""
        loss = self.loss(*self.arrays(groups))
        return Outcome(self.numpy(loss.value), self.numpy(loss.weight), None)

    def leaks(self, groups: Groups) -> Mapping[str, Array]:
        """Return no gradients."""
        del groups
        return {}

    def arrays(self, groups: Groups) -> tuple[Any, dict[str, Any]]:
        """Convert the log-probs, and all other arrays by name, to the backend."""
        arrays = {name: self._array(values) for name, values in groups.items()}
        return arrays.pop("log_probs"), arrays

    def numpy(self, array: Any) -> Array:
        """Convert an array to NumPy; dtypes that NumPy lacks become float32."""
        xp = self.backend.namespace()
        known = dtype_name(array) in np.sctypeDict
        return np.asarray(self.backend.to_numpy(array if known else xp.astype(array, xp.float32)))

    def rounded(self, values: Array) -> Array:
        """Round NumPy `values` to the dtype of the loss."""
        return self.numpy(self._array(values)) if values.dtype.kind == "f" else values

    def halves(self) -> list[str]:
        """Names of the half-precision dtypes that the backend has."""
        return [name for name in HALVES if hasattr(self.backend.namespace(), name)]

    def at(self, dtype: str) -> Values:
        """Return the same loss on the same backend in another dtype; cached."""
        if dtype not in self._others:
            self._others[dtype] = type(self)(self.backend, self.loss, dtype)
        return self._others[dtype]

    def _array(self, values: Array) -> Any:
        # A copy: PyTorch warns of read-only arrays.
        dtype = self._dtype if values.dtype.kind == "f" else values.dtype.name
        return self.backend.asarray(np.array(values), dtype=dtype)


class Differentiated(Values):
    """A loss on a backend that differentiates, run eagerly."""

    backend: Autodiff

    def outcome(self, groups: Groups) -> Outcome:
        """Evaluate value, weight, and the gradient in the log-probs."""
        return Outcome(*map(self.numpy, self.forward_and_back(*self.arrays(groups))))

    def leaks(self, groups: Groups) -> Mapping[str, Array]:
        """Compute the gradients in the arrays that models computed."""
        log_probs, rest = self.arrays(groups)
        from_models = {name: rest.pop(name) for name in FROM_MODELS if name in rest}
        gradients = self.back_into_data(log_probs, from_models, rest)
        return {name: self.numpy(gradient) for name, gradient in gradients.items()}

    def forward_and_back(self, log_probs: Any, data: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """Compute value, weight, and the gradient in the log-probs."""
        value, pull = self.backend.vjp(lambda x: self.loss(x, data).value, log_probs)
        return value, self.loss(log_probs, data).weight, pull(self.backend.namespace().ones_like(value))

    def back_into_data(self, log_probs: Any, data: Mapping[str, Any], rest: Mapping[str, Any]) -> Mapping[str, Any]:
        """Compute the gradients in `data`."""
        value, pull = self.backend.vjp(lambda x: self.loss(log_probs, {**x, **rest}).value, data)
        gradients: Mapping[str, Any] = pull(self.backend.namespace().ones_like(value))
        return gradients


class Compiled(Differentiated):
    """A loss on a backend that differentiates, compiled once per shape."""

    def __init__(self, backend: Autodiff, loss: LossFunction, dtype: str) -> None:
        """Wrap `loss`; both functions are compiled when first called."""
        super().__init__(backend, loss, dtype)
        self.forward_and_back = backend.compile(self.forward_and_back)  # type: ignore[method-assign]
        self.back_into_data = backend.compile(self.back_into_data)  # type: ignore[method-assign]

    def at(self, dtype: str) -> Values:
        """Return the same loss in another dtype, uncompiled: compiling would take longer than it saves."""
        if dtype not in self._others:
            self._others[dtype] = Differentiated(self.backend, self.loss, dtype)
        return self._others[dtype]


def algorithm_subject(backend: Backend, algorithm: Algorithm, dtype: str) -> Values:
    """Wrap an algorithm as a function of a group that gives its loss; compiled if the backend can train; cached."""
    made: Values = _made_once(*cast("tuple[Any, ...]", (backend, algorithm, dtype)))
    return made


@functools.cache
def _made_once(backend: Backend, algorithm: Algorithm, dtype: str) -> Values:

    def loss(log_probs: Any, data: Mapping[str, Any]) -> Loss:
        return algorithm.loss(log_probs, algorithm.prepare(Group(**data)))

    return Compiled(backend, loss, dtype) if isinstance(backend, Autodiff) else Values(backend, loss, dtype)


def scope(backend: Backend, dtype: str) -> AbstractContextManager[None]:
    """Enter the context in which `backend` can hold arrays of `dtype`, such as float64 on JAX."""
    return backend.precision(dtype) if isinstance(backend, Autodiff) else nullcontext()


def widest_dtype(backend: Backend) -> str:
    """The widest floating dtype of a backend: `float64` or `float32`."""
    try:
        with scope(backend, "float64"):
            return dtype_name(backend.asarray(np.zeros(1), dtype="float64"))
    except (TPOError, TypeError, ValueError):
        return "float32"


def dtype_name(array: Any) -> str:
    """The name of the dtype of an array of any library."""
    return str(array.dtype).rpartition(".")[-1]
