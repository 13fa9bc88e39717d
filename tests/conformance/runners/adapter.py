"""Runs through the adapter of a library, operation by operation."""

from tpo import plugins


def _eager(name, function, arrays):
    backend = plugins.backend(name)
    # Copies: PyTorch warns of arrays that cannot be written to.
    return [backend.to_numpy(x) for x in function(*(backend.asarray(array.copy()) for array in arrays))]


def numpy(function, arrays):
    return _eager("numpy", function, arrays)


def torch(function, arrays):
    return _eager("torch", function, arrays)


def mlx(function, arrays):
    return _eager("mlx", function, arrays)
