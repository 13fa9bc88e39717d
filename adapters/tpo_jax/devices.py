"""Finding devices by name, and spreading the seeds of a training run over them."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from tpo import InvalidArgumentError

SEEDS = "seeds"
"""Name of the mesh axis over which axis 0 of an array, the seeds, is sharded."""


def find_devices(name: str | None) -> tuple[Any, ...]:
    """Find all devices of a platform, such as `cpu`, or one device, such as `cpu:1`; JAX's default if `None`.

    Raises:
        InvalidArgumentError: JAX has no such device here.
    """
    if name is None:
        return tuple(jax.local_devices())
    platform, colon, index = name.partition(":")
    try:
        devices = jax.local_devices(backend=platform)
        # `int` takes signs, too, and the device before the first would be the last.
        return (devices[int(index) if index.isdecimal() else len(devices)],) if colon else tuple(devices)
    except (RuntimeError, IndexError, ValueError) as error:
        available = ", ".join(sorted({device.platform for device in jax.devices()}))
        message = f"the device must be one that JAX has here; got {name!r}. Available: {available}."
        raise InvalidArgumentError(message) from error


@functools.cache
def sharding_of(devices: tuple[Any, ...], seeds: int) -> Any:
    """Create a sharding with equal numbers of seeds on as many devices as divide the number of seeds."""
    kinds: Any = jax.sharding
    count = max(number for number in range(1, len(devices) + 1) if seeds % number == 0)
    return kinds.NamedSharding(kinds.Mesh(np.asarray(devices[:count]), (SEEDS,)), kinds.PartitionSpec(SEEDS))
