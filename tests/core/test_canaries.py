"""Where libraries differ today in single operations, which is what the exact tier works around.

No promise of ours: a test that fails here says that a release changed something, and a guard may have become
unnecessary, or insufficient. The shares are of 100,000 numbers.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from tpo.plugins import registry

COUNT = 100_000
DTYPES = ("float32", "float64")
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def numbers(dtype):
    """Three arrays of normal numbers."""
    return np.random.default_rng(0).normal(size=(3, COUNT)).astype(dtype)


def above_one(dtype):
    return np.abs(numbers(dtype)[0]) + 1


def by_jax(function, *arrays, compiled=True):
    with registry.backend("jax").precision(str(arrays[0].dtype)):
        return np.asarray((jax.jit(function) if compiled else function)(*(jnp.asarray(x) for x in arrays)))


def by_torch(function, *arrays):
    return function(*(torch.from_numpy(x.copy()) for x in arrays)).numpy()


def share(ours, reference):
    """The share of numbers that differ."""
    assert ours.dtype == reference.dtype
    return float(np.mean(ours != reference))


def multiply_add(x, y, z):
    return x * y + z


def low_word_of_one_plus(b):
    """The rounding error of `1 + b`, as computed by two-sum."""
    total = 1 + b
    return b - (total - 1)


@every_dtype
def test_jax_fuses_a_product_and_a_sum_into_one_rounding_when_it_compiles(dtype):
    arrays = numbers(dtype)
    assert share(by_jax(multiply_add, *arrays), multiply_add(*arrays)) > 0.1
    assert share(by_jax(multiply_add, *arrays, compiled=False), multiply_add(*arrays)) == 0
    assert share(by_torch(multiply_add, *arrays), multiply_add(*arrays)) == 0


@every_dtype
def test_a_minimum_in_between_keeps_jax_from_fusing(dtype):
    x, y, z = numbers(dtype)
    assert share(by_jax(lambda x, y, z: jnp.minimum(x * y, 1e30) + z, x, y, z), x * y + z) == 0


@every_dtype
def test_an_optimization_barrier_does_not_keep_jax_from_fusing(dtype):
    x, y, z = numbers(dtype)
    fenced = by_jax(lambda x, y, z: jax.lax.optimization_barrier(x * y) + z, x, y, z)
    assert share(fenced, x * y + z) > 0.1


@every_dtype
@pytest.mark.parametrize("compiled", [True, False])
def test_jax_divides_by_a_constant_through_its_reciprocal(dtype, compiled):
    x = numbers(dtype)[0]
    assert share(by_jax(lambda x: x / 3, x, compiled=compiled), x / 3) > 0.2
    assert share(by_torch(lambda x: x / 3, x), x / 3) == 0


@every_dtype
def test_jax_divides_by_a_broadcast_number_through_its_reciprocal(dtype):
    x, y, _ = numbers(dtype)
    assert share(by_jax(lambda x, y: x / y[:1], x, y), x / y[:1]) > 0.1
    assert share(by_jax(lambda x, y: x / y, x, y), x / y) == 0


@every_dtype
def test_jax_folds_one_plus_b_less_one_when_it_compiles(dtype):
    b = numbers(dtype)[0] * np.asarray(1e-3, dtype)
    low = low_word_of_one_plus(b)
    assert np.mean(low != 0) > 0.5
    assert not by_jax(low_word_of_one_plus, b).any()
    assert share(by_jax(low_word_of_one_plus, b, compiled=False), low) == 0
    assert share(by_torch(low_word_of_one_plus, b), low) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_square_roots_of_torch_are_not_correctly_rounded(dtype):
    x = above_one(dtype)
    # How many differ depends on the processor, and on how many threads share the work: from 1 in 150 to 1 in 10.
    assert share(by_torch(torch.sqrt, x), np.sqrt(x)) > 1e-3
    assert share(by_jax(jnp.sqrt, x), np.sqrt(x)) == 0


def furthest_apart(*results):
    """The largest share of numbers in which two libraries differ; which two depends on the processor."""
    return max(share(one, other) for one, other in itertools.combinations(results, 2))


@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.2), ("float64", 0.02)])
def test_exponentials_differ(dtype, least):
    x = numbers(dtype)[0]
    assert furthest_apart(np.exp(x), by_jax(jnp.exp, x), by_torch(torch.exp, x)) > least


@pytest.mark.parametrize(("dtype", "least"), [("float32", 0.1), ("float64", 0.001)])
def test_logarithms_differ(dtype, least):
    x = above_one(dtype)
    assert furthest_apart(np.log(x), by_jax(jnp.log, x), by_torch(torch.log, x)) > least


@every_dtype
def test_sums_of_sixteen_differ(dtype):
    x = numbers(dtype)[0].reshape(-1, 16)
    assert share(by_jax(lambda x: x.sum(-1), x), x.sum(-1)) > 0.3
    assert share(by_torch(lambda x: x.sum(-1), x), x.sum(-1)) > 0.3


@every_dtype
def test_standard_deviations_differ(dtype):
    x = numbers(dtype)[0].reshape(-1, 16)
    assert share(by_jax(lambda x: x.std(-1), x), x.std(-1)) > 0.1
    assert share(by_torch(lambda x: x.std(-1, correction=0), x), x.std(-1)) > 0.1


@every_dtype
@pytest.mark.parametrize("compiled", [True, False])
def test_jax_flushes_numbers_below_the_normal_range_to_zero(dtype, compiled):
    below = above_one(dtype) * (np.finfo(dtype).tiny / 8)
    assert (below > 0).all()
    assert not by_jax(lambda x: x + x, below, compiled=compiled).any()
    assert (by_torch(lambda x: x + x, below) == below + below).all()


def test_the_deviation_of_equal_numbers_is_not_zero_everywhere():
    equal = np.full(3, 0.1)
    assert 1e-18 < np.std(equal) < 1e-16
    assert 1e-18 < by_torch(lambda x: x.std(correction=0), equal) < 1e-16
    assert by_jax(jnp.std, equal) == 0
    assert by_torch(lambda x: x.std(correction=0), equal.astype(np.float32)) == 0
