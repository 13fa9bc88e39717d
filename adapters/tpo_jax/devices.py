"""Which devices are meant, and how the seeds of a training are spread over them."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from tpo import InvalidArgumentError

SEEDS = "seeds"
"""The axis that is spread: axis 0 of an array."""


def find_devices(name: str | None) -> tuple[Any, ...]:
    """All devices of the platform `name`, such as `cpu`, or the one that `cpu:1` names; JAX's own choice if `None`.

    Raises:
        InvalidArgumentError: JAX has no such device here.
    """
    if name is None:
        return tuple(jax.local_devices())
    platform, colon, index = name.partition(":")
    try:
        devices = jax.local_devices(backend=platform)
        return (devices[int(index)],) if colon else tuple(devices)
    except (RuntimeError, IndexError, ValueError) as error:
        available = ", ".join(sorted({device.platform for device in jax.devices()}))
        message = f"the device must be one that JAX has here; got {name!r}. Available: {available}."
        raise InvalidArgumentError(message) from error


@functools.cache
def sharding_of(devices: tuple[Any, ...], seeds: int) -> Any:
    """An equal share of `seeds` on each of as many of `devices` as can have one: a divisor of the number of seeds."""
    kinds: Any = jax.sharding
    count = max(number for number in range(1, len(devices) + 1) if seeds % number == 0)
    return kinds.NamedSharding(kinds.Mesh(np.asarray(devices[:count]), (SEEDS,)), kinds.PartitionSpec(SEEDS))
