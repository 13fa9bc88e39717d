"""Layers with custom backward passes, which store and compute less than those that JAX derives."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from tpo import LAYER_NORM_EPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLOPE = math.sqrt(2 / math.pi)
CUBIC = 0.044715


@jax.custom_vjp
def standard_rows(x: Any) -> Any:
    """Standardize the last axis to mean 0 and variance 1."""
    return _standard_rows_forward(x)[0]


def _standard_rows_forward(x: Any) -> tuple[Any, Any]:
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    scale = 1 / jnp.sqrt(jnp.mean(centred * centred, axis=-1, keepdims=True) + LAYER_NORM_EPS)
    return centred * scale, (centred * scale, scale)


def _standard_rows_backward(kept: Any, cotangent: Any) -> tuple[Any]:
    rows, scale = kept
    along = jnp.mean(cotangent * rows, axis=-1, keepdims=True)
    return (scale * (cotangent - jnp.mean(cotangent, axis=-1, keepdims=True) - rows * along),)


standard_rows.defvjp(_standard_rows_forward, _standard_rows_backward)


@jax.custom_vjp
def tanh_gelu(x: Any) -> Any:
    """GELU in its tanh approximation."""
    return 0.5 * x * (1 + _tanh(x))


def _tanh(x: Any) -> Any:
    return jnp.tanh(SLOPE * x * (1 + CUBIC * x * x))


def _tanh_gelu_forward(x: Any) -> tuple[Any, Any]:
    return tanh_gelu(x), x


def _tanh_gelu_backward(x: Any, cotangent: Any) -> tuple[Any]:
    tanh = _tanh(x)
    slope = 1 + tanh + x * (1 - tanh * tanh) * SLOPE * (1 + 3 * CUBIC * x * x)
    return (0.5 * cotangent * slope,)


tanh_gelu.defvjp(_tanh_gelu_forward, _tanh_gelu_backward)


@jax.custom_vjp
def shifted_softmax(scores: Any) -> Any:
    """Softmax over the last axis."""
    return jax.nn.softmax(scores, axis=-1)


def _shifted_softmax_forward(scores: Any) -> tuple[Any, Any]:
    probabilities = shifted_softmax(scores)
    return probabilities, probabilities


def _shifted_softmax_backward(probabilities: Any, cotangent: Any) -> tuple[Any]:
    return (probabilities * (cotangent - jnp.sum(cotangent * probabilities, axis=-1, keepdims=True)),)


shifted_softmax.defvjp(_shifted_softmax_forward, _shifted_softmax_backward)


def take_rows(_: Any, values: Any, index: Any) -> Any:
    """Gather rows of each seed by `vmap`, which needs no communication between devices."""
    return jax.vmap(lambda rows, at: rows[at])(values, index)


def _layer(function: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Adapt a function to the signature of `tpo.policies.layers`, which passes a namespace first."""
    return lambda _, x: function(x)


FUSED: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "standard_rows": _layer(standard_rows),
        "tanh_gelu": _layer(tanh_gelu),
        "shifted_softmax": _layer(shifted_softmax),
        "take_rows": take_rows,
    }
)
