"""Seeds spread over several JAX devices give the same results as on one device."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tpo_jax.devices import find_devices, sharding_of

SCRIPT = Path(__file__).with_name("on_devices.py")
DEVICES = {"token": 4, "terminal": 3, "bandit": 4}
"""The number of devices, of four, that each run uses for its number of seeds."""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The results of all runs, by the number of devices."""
    folder = tmp_path_factory.mktemp("devices")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    files = {count: folder / f"{count}.npz" for count in (1, 4)}
    started = [
        subprocess.Popen([sys.executable, str(SCRIPT), str(count), str(file)], env=environment)
        for count, file in files.items()
    ]
    assert [process.wait() for process in started] == [0, 0]
    return {count: dict(np.load(file)) for count, file in files.items()}


@pytest.mark.parametrize("work", DEVICES)
def test_each_device_computes_its_seeds_and_exchanges_nothing(found, work):
    assert [int(found[count][f"{work}/devices"]) for count in (1, 4)] == [1, DEVICES[work]]
    assert [int(found[count][f"{work}/exchanges"]) for count in (1, 4)] == [0, 0]


@pytest.mark.parametrize("work", ["token", "terminal"])
def test_policies_are_the_same_but_for_roundings(found, work):
    one, four = found[1], found[4]
    names = [name for name in one if name.startswith(f"{work}/state")]
    assert len(names) > 30
    for name in names:
        np.testing.assert_allclose(four[name], one[name], rtol=0, atol=1e-10, err_msg=name)
    np.testing.assert_array_equal(four[f"{work}/error"], one[f"{work}/error"])


def test_a_bandit_is_the_same_to_the_bit(found):
    for name in ("bandit/state/0/logits", "bandit/error"):
        np.testing.assert_array_equal(found[4][name], found[1][name])
    assert found[1]["bandit/state/0/logits"].shape == (8, 100)


@pytest.mark.parametrize("work", DEVICES)
def test_the_state_stays_where_it_is_also_when_restored(found, work):
    assert [bool(found[count][f"{work}/stays"]) for count in (1, 4)] == [True, True]


def test_a_platform_is_all_of_its_devices_and_an_index_is_one():
    assert find_devices("cpu") == find_devices(None)
    assert find_devices("cpu:0") == find_devices("cpu")[:1]


@pytest.mark.parametrize(("seeds", "count"), [(1, 1), (2, 2), (3, 3), (5, 1), (6, 3), (8, 4), (20, 4)])
def test_as_many_devices_are_used_as_divide_the_seeds(monkeypatch, seeds, count):
    kinds = SimpleNamespace(
        Mesh=lambda devices, names: (list(devices), names),
        PartitionSpec=lambda name: name,
        NamedSharding=lambda mesh, spec: (mesh, spec),
    )
    monkeypatch.setattr("jax.sharding", kinds)
    sharding = sharding_of.__wrapped__(("a", "b", "c", "d"), seeds)
    assert sharding == ((list("abcd")[:count], ("seeds",)), "seeds")
