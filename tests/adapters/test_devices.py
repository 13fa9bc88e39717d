"""Existing devices, and errors for missing ones."""

import numpy as np
import pytest

from tpo import InvalidArgumentError
from tpo.plugins import registry

TORCH = "the device must be one that PyTorch has here"


@pytest.mark.parametrize("name", ["numpy", "torch", "jax"])
def test_the_cpu_is_always_there(name):
    adapter = registry.backend(name, "cpu")
    array = adapter.asarray(np.asarray([1.0, 2.0]))
    assert str(array.device).lower().startswith(("cpu", "tfrt_cpu"))
    np.testing.assert_array_equal(adapter.to_numpy(array), [1, 2])


@pytest.mark.parametrize(
    ("name", "device", "text"),
    [
        ("numpy", "gpu", "the device of numpy must be 'cpu'; got 'gpu'. Leave it out."),
        ("torch", "tpu7", f"{TORCH}; got 'tpu7'. PyTorch says: Invalid device string: 'tpu7'. Use 'cpu'."),
        ("jax", "cpu:99", "the device must be one that JAX has here; got 'cpu:99'. Available: cpu."),
        ("jax", "cpu:-1", "the device must be one that JAX has here; got 'cpu:-1'. Available: cpu."),
        ("jax", "cpu:+0", "the device must be one that JAX has here; got 'cpu:+0'. Available: cpu."),
        ("jax", "cpu:", "the device must be one that JAX has here; got 'cpu:'. Available: cpu."),
        ("jax", "warp", "the device must be one that JAX has here; got 'warp'. Available: cpu."),
        ("jax", "cpu:first", "the device must be one that JAX has here; got 'cpu:first'. Available: cpu."),
    ],
)
def test_a_device_that_is_not_there_is_refused(name, device, text):
    with pytest.raises(InvalidArgumentError) as refusal:
        registry.backend(name, device)
    assert str(refusal.value) == text


@pytest.mark.parametrize("device", ["cuda:99", "cpu:x", "cpu:-1", "cuda:-1", "meta"])
def test_whatever_pytorch_says_becomes_one_line(device):
    said = "the device must be one that PyTorch has here; got " + repr(device) + r"\. PyTorch says: .+\. Use 'cpu'\.$"
    with pytest.raises(InvalidArgumentError, match=said):
        registry.backend("torch", device)
