"""Finding the backend of an array from its type alone."""

import sys
from types import SimpleNamespace

import array_api_strict
import jax
import numpy as np
import pytest
import torch

from tests.plugins.fakes import Offers
from tpo import BackendInfo
from tpo.core.arrays import libraries
from tpo.core.arrays.libraries import owner_name
from tpo.plugins import registry
from tpo.plugins.host import PluginHost

MADE = None


def create(device):
    """The backend of this module's plug-in."""
    assert device is None
    return MADE


class Subclass(np.ndarray):
    """NumPy's arrays under another name."""


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        (np.ndarray, "numpy"),
        (np.float64, "numpy"),
        (Subclass, "numpy"),
        (torch.Tensor, "torch"),
        (torch.nn.Parameter, "torch"),
        (jax.Array, "jax"),
        (type(jax.numpy.ones(1)), "jax"),
        (jax.core.Tracer, "jax"),
    ],
)
def test_arrays_their_subclasses_and_their_stand_ins_are_recognised(kind, owner):
    assert registry.owner_of(kind) is registry.backend(owner)


@pytest.mark.parametrize("kind", [int, float, list, tuple, str, dict, type(None), range])
def test_nothing_else_is(kind):
    assert registry.owner_of(kind) is None


def test_arrays_are_recognised_inside_transforms():
    seen = []

    def record(x):
        seen.append(registry.owner_of(type(x)).name)
        return (x * x).sum()

    jax.jit(jax.grad(record))(jax.numpy.ones(2))
    jax.vmap(record)(jax.numpy.ones((2, 2)))
    torch.func.vmap(torch.func.grad(record))(torch.ones(2, 2))
    assert seen == ["jax", "jax", "torch"]


def test_an_array_of_a_library_that_is_not_registered_has_no_owner():
    assert registry.owner_of(type(array_api_strict.ones(1))) is None


def test_a_backend_that_is_registered_later_is_found(monkeypatch):
    host, kind = PluginHost(()), type(array_api_strict.ones(1))
    monkeypatch.setattr(registry, "host", lambda: host)
    assert registry.owner_of(kind) is None
    assert owner_name(kind) is None
    made = SimpleNamespace(name="registered-later")
    monkeypatch.setattr(sys.modules[__name__], "MADE", made)
    info = BackendInfo(
        name="registered-later", load=f"{__name__}:create", array_modules=("array_api_strict",), differentiates=False
    )
    host.register(Offers(info), "later")
    assert registry.owner_of(kind) is made
    monkeypatch.setattr(libraries, "_NAMES", {})
    assert owner_name(kind) == "registered-later"
    delattr(libraries.OWNERS, "registered-later")


def test_the_default_device_may_be_left_out():
    assert registry.backend("torch", None) is registry.backend("torch") is registry.owner_of(torch.Tensor)
