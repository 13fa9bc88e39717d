"""What every adapter promises."""

import numpy as np
import pytest

from tpo import Autodiff, Backend, neutral_log_softmax, plugins
from tpo.policies import layers

VALUES = [[1.0, 2.0, -3.0], [0.5, 0.5, 1e3]]


@pytest.fixture(params=["numpy", "torch", "jax"])
def adapter(request):
    return plugins.backend(request.param)


def test_it_keeps_the_protocol(adapter):
    assert isinstance(adapter, Backend)
    info = plugins.host().backends()[adapter.name]
    assert isinstance(adapter, Autodiff) == info.differentiates


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_values_go_in_and_come_out(adapter, dtype):
    array = adapter.asarray(np.asarray(VALUES), dtype=dtype)
    assert array.dtype == getattr(adapter.namespace(), dtype)
    back = adapter.to_numpy(array)
    assert type(back) is np.ndarray
    np.testing.assert_array_equal(back, np.asarray(VALUES).astype(dtype))
    assert plugins.owner_of(type(array)) is adapter


def test_numpy_arrays_are_adopted(adapter):
    like = adapter.asarray([1.0])
    adopted = adapter.adopt(np.asarray(VALUES, np.float32), like)
    assert type(adopted) is type(like)
    np.testing.assert_array_equal(adapter.to_numpy(adopted), np.asarray(VALUES, np.float32))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_float64_exists_in_its_scope_and_not_before_or_after(dtype):
    jax = plugins.backend("jax")
    assert jax.asarray(np.ones(2)).dtype == "float32"
    with jax.precision(dtype):
        assert jax.asarray(np.ones(2)).dtype == dtype
        third = jax.compile(lambda x: x / 3)(jax.asarray(1.0, dtype=dtype))
        assert float(third) == float(np.asarray(1, dtype) / np.asarray(3, dtype))
    assert jax.asarray(np.ones(2)).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_native_log_softmax_is_the_neutral_one(autodiff, dtype):
    rng = np.random.default_rng(0)
    array = autodiff.asarray(10 * rng.normal(size=(50, 9)) - 1000, dtype=dtype)
    native, neutral = autodiff.log_softmax(array), neutral_log_softmax(autodiff.namespace(), array)
    assert native.dtype == array.dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(autodiff.to_numpy(native), autodiff.to_numpy(neutral), rtol=4 * eps, atol=2 * eps)


def test_only_layers_are_fused(autodiff):
    assert all(hasattr(layers, name) for name in autodiff.fused)
