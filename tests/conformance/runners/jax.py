"""Runners for JAX: eager or compiled, with a batch of groups or with vmap."""

import functools

import jax
import numpy as np

compiled = functools.cache(jax.jit)


@functools.cache
def mapped(function):
    return jax.jit(jax.vmap(function))


def eager(function, arrays):
    return [np.asarray(x) for x in function(*(jax.numpy.asarray(array) for array in arrays))]


def by_operation(function, arrays):
    with jax.disable_jit():
        return eager(function, arrays)


def jit(function, arrays):
    return [np.asarray(x) for x in compiled(function)(*arrays)]


def vmap(function, arrays):
    return [np.asarray(x) for x in mapped(function)(*arrays)]
