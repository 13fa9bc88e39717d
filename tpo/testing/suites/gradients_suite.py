"""Tests of the gradients of a namespace's functions."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import array_api_compat.numpy as reference
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tpo.backends.protocols import Autodiff
    from tpo.testing.laws.groups import Array

POINT = np.asarray([[0.3, -1.2, 0.7, 2.9], [1.1, -3.25, 6.5, 0.2]])
"""Argument of the functions, away from their kinks."""

STEP = 1e-6
"""Distance of the two points of a difference quotient."""

QUOTIENTS = 1e-8
"""Error of difference quotients, relative to the largest derivative."""

ROUNDINGS = 64
"""Tolerance for gradients in machine epsilons, likewise."""

DIFFERENTIATED: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "abs": lambda xp, x: xp.abs(x),
        "arithmetic": lambda _, x: (2 * x - 1) / (x * x + 1) - x**2,
        "astype": lambda xp, x: xp.astype(x, x.dtype) * xp.astype(x > 0, x.dtype),
        "broadcast_to": lambda xp, x: xp.broadcast_to(x[..., :1], x.shape) * x,
        "clip": lambda xp, x: xp.clip(x, -1.0, 1.0),
        "clip, above": lambda xp, x: xp.clip(x, max=0.5),
        "concat": lambda xp, x: xp.concat([x, -x[..., :1]], axis=-1),
        "exp": lambda xp, x: xp.exp(x),
        "indexing": lambda _, x: x[..., None, ::2] * x[:, :1, None],
        "log": lambda xp, x: xp.log(x * x + 1),
        "matmul": lambda xp, x: xp.matmul(x, xp.matrix_transpose(x * x)),
        "max": lambda xp, x: xp.max(x, axis=-1, keepdims=True),
        "maximum": lambda xp, x: xp.maximum(x, x * x - 1),
        "mean": lambda xp, x: xp.mean(x * x, axis=-1, keepdims=True),
        "minimum": lambda xp, x: xp.minimum(x, x * x - 1),
        "permute_dims": lambda xp, x: xp.permute_dims(x[None, ...], (2, 0, 1)),
        "reshape": lambda xp, x: xp.reshape(x, (4, -1)),
        "sqrt": lambda xp, x: xp.sqrt(x * x + 1),
        "stack": lambda xp, x: xp.stack([x, -x], axis=-1),
        "sum": lambda xp, x: xp.sum(x * x, axis=-1),
        "tanh": lambda xp, x: xp.tanh(x),
        "unstack": lambda xp, x: xp.unstack(x)[1] * x,
        "where": lambda xp, x: xp.where(x > 0, x * x, -3 * x),
    }
)
"""Functions that log-probs or parameters go through on their way to a loss, by name."""


class GradientsSuite:
    """Tests of the gradients of functions; `AutodiffSuite` includes them."""

    def test_gradients_of_functions(self, wide: Autodiff) -> None:
        """The gradient of each function is that of NumPy's numbers, by difference quotients."""
        numbers = {name: _cotangent(function) for name, function in DIFFERENTIATED.items()}
        cotangents = {name: wide.asarray(array) for name, array in numbers.items()}
        # Compiled together, which takes less time than one by one.
        gradients: Any = wide.compile(lambda x, c: {name: _pulled(wide, name, x, c[name]) for name in DIFFERENTIATED})
        for name, gradient in gradients(wide.asarray(POINT), cotangents).items():
            ours, expected = wide.to_numpy(gradient), _quotients(name, numbers[name])
            room = (QUOTIENTS + ROUNDINGS * float(np.finfo(ours.dtype).eps)) * np.abs(expected).max()
            message = f"the gradient of {name} is NumPy's: every argument and branch passes on its part"
            np.testing.assert_allclose(ours, expected, rtol=0, atol=room, err_msg=message)


def _pulled(autodiff: Autodiff, name: str, x: Any, cotangent: Any) -> Any:
    _, pull = autodiff.vjp(lambda x: DIFFERENTIATED[name](autodiff.namespace(), x), x)
    return pull(cotangent)


def _cotangent(function: Callable[[Any, Any], Any]) -> Array:
    """Make a cotangent with different entries for the values of a function."""
    shape = function(reference, POINT).shape
    return np.asarray(np.cos(np.arange(math.prod(shape))).reshape(shape))


def _quotients(name: str, cotangent: Array) -> Array:
    """Compute the gradient of a function at `POINT` by central differences, one entry after another."""
    found = np.zeros_like(POINT)
    for place in np.ndindex(POINT.shape):
        ahead, behind = POINT.copy(), POINT.copy()
        ahead[place], behind[place] = POINT[place] + STEP, POINT[place] - STEP
        higher, lower = (DIFFERENTIATED[name](reference, x) for x in (ahead, behind))
        found[place] = np.sum(cotangent * (higher - lower)) / (2 * STEP)
    return found
