"""Runners through an adapter: operation by operation, or by its `compile`."""

import functools

from tpo.plugins import registry
from tpo.testing.laws.subjects import scope


def eager(name, function, arrays):
    return _run(registry.backend(name), function, arrays)


def compiled(name, function, arrays):
    return _run(registry.backend(name), _compiled(name, function), arrays)


@functools.cache
def _compiled(name, function):
    """Compile a function by the adapter; the function itself if the adapter cannot compile."""
    return getattr(registry.backend(name), "compile", lambda function: function)(function)


def _run(backend, function, arrays):
    with scope(backend, arrays[0].dtype.name):
        # Copies: PyTorch warns of arrays that cannot be written to.
        return [backend.to_numpy(x) for x in function(*(backend.asarray(array.copy()) for array in arrays))]
