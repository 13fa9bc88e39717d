"""Runners through an adapter: operation by operation, or by its `compile`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tpo.plugins import registry
from tpo.testing.laws.subjects import scope

if TYPE_CHECKING:
    from tools.conformance.measure import Arrays, Function


def eager(name: str, function: Function, arrays: Arrays) -> Arrays:
    """The results of the function, called as it is."""
    return _run(registry.backend(name), function, arrays)


def compiled(name: str, function: Function, arrays: Arrays) -> Arrays:
    """The results of the compiled function."""
    return _run(registry.backend(name), _compiled(name, function), arrays)


@functools.cache
def _compiled(name: str, function: Function) -> Function:
    """Compile a function by the adapter; the function itself if the adapter cannot compile."""
    return getattr(registry.backend(name), "compile", lambda function: function)(function)


def _run(backend: Any, function: Function, arrays: Arrays) -> Arrays:
    with scope(backend, arrays[0].dtype.name):
        # Copies, since PyTorch warns of read-only arrays.
        return [backend.to_numpy(x) for x in function(*(backend.asarray(array.copy()) for array in arrays))]
