"""Special cases of PyTorch: unusual NumPy arrays, bfloat16, and denormals."""

import numpy as np
import pytest
import torch

import tpo
from tpo import Adam, OptimizerSpec
from tpo.plugins import registry
from tpo.training.trees import leaves

BACKEND = registry.backend("torch")


def read_only():
    values = np.arange(4.0)
    values.flags.writeable = False
    return values


@pytest.mark.parametrize("values", [read_only(), np.arange(4.0)[::-1]], ids=["read-only", "backwards"])
def test_any_numpy_array_is_taken(values):
    assert BACKEND.asarray(values).tolist() == values.tolist()
    assert tpo.target(torch.zeros(4, dtype=torch.float64), values).sum().item() == pytest.approx(1, abs=1e-15)


def test_bfloat16_comes_back_as_float32():
    values = BACKEND.to_numpy(torch.asarray([1.5, -2.0], dtype=torch.bfloat16))
    assert values.dtype == np.float32
    assert values.tolist() == [1.5, -2.0]


def test_adams_state_is_on_the_device_of_its_parameters():
    """The fused kernels of a GPU read the count of updates on the device."""
    elsewhere = {"w": torch.empty(1, 3, device="meta"), "b": torch.empty(1, device="meta")}
    optimizer = BACKEND.optimizer(OptimizerSpec(learning_rate=0.1, default=Adam()))
    state = leaves(optimizer.init(elsewhere))
    assert len(state) == 6
    assert {array.device.type for array in state.values()} == {"meta"}


SMALL, BARELY_NORMAL, DENORMAL = 1e-37, 1.25e-38, 1e-39
"""Nine tenths of `BARELY_NORMAL` is a denormal of float32."""


def faded_moments():
    """Return first moments after an update that keeps nine tenths of them, `[1, 2]`, and the parameters."""
    params = {"w": torch.ones(1, 2)}
    optimizer = BACKEND.optimizer(OptimizerSpec(learning_rate=0.1, default=Adam()))
    state = optimizer.init(params)
    (moments,) = (rule["first"][0] for rule in state.values())
    moments[:] = torch.asarray([[SMALL, BARELY_NORMAL]])
    params, _ = optimizer.update({"w": torch.zeros(1, 2)}, state, params)
    return moments, params["w"]


def test_adams_moments_do_not_fade_to_denormals():
    """Denormals are flushed, since CPUs compute with them many times more slowly; the parameters do not change."""
    moments, params = faded_moments()
    np.testing.assert_allclose(moments, [[0.9 * SMALL, 0.0]], rtol=1e-6)
    assert params.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("flushed", [False, True], ids=["kept", "flushed"])
def test_denormals_elsewhere_are_what_they_were(flushed):
    torch.set_flush_denormal(flushed)
    try:
        faded_moments()
        assert (torch.asarray(DENORMAL) * 1 == 0).item() is flushed
    finally:
        torch.set_flush_denormal(False)
