"""Runners for JAX: eager or compiled, on a batch of groups or with vmap over them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import jax
import numpy as np

if TYPE_CHECKING:
    from tools.conformance.measure import Arrays, Function

compiled = functools.cache(jax.jit)


@functools.cache
def mapped(function: Function) -> Function:
    """The function compiled and mapped over the groups."""
    return jax.jit(jax.vmap(function))


def eager(function: Function, arrays: Arrays) -> Arrays:
    """The results of the function, called as it is."""
    return [np.asarray(x) for x in function(*(jax.numpy.asarray(array) for array in arrays))]


def by_operation(function: Function, arrays: Arrays) -> Arrays:
    """The results without any compilation."""
    with jax.disable_jit():
        return eager(function, arrays)


def jit(function: Function, arrays: Arrays) -> Arrays:
    """The results of the compiled function."""
    return [np.asarray(x) for x in compiled(function)(*arrays)]


def vmap(function: Function, arrays: Arrays) -> Arrays:
    """The results of the function mapped over the groups."""
    return [np.asarray(x) for x in mapped(function)(*arrays)]
