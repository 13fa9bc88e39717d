"""Reductions of empty arrays on MLX, whose own take minutes where memory happens to hold certain numbers."""

import mlx.core as mx
import numpy as np
import pytest

from tpo.plugins import registry
from tpo_mlx.backend import reduction

SHAPES = [(0,), (3, 0), (0, 3), (2, 0, 4), (2, 3, 0)]
AXES = [None, -1, 0, (0, -1)]


@pytest.mark.parametrize("name", ["sum", "any", "all"])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
@pytest.mark.parametrize("shape", SHAPES)
def test_they_are_those_of_numpy(name, dtype, shape):
    backend = registry.backend("mlx")
    array = backend.asarray(np.zeros(shape, dtype))
    for axis in AXES if len(shape) > 1 else AXES[:3]:
        for keepdims in (False, True):
            found = getattr(backend.namespace(), name)(array, axis=axis, keepdims=keepdims)
            expected = getattr(np, name)(np.zeros(shape, dtype), axis=axis, keepdims=keepdims)
            np.testing.assert_array_equal(np.asarray(found), expected)
            assert found.shape == expected.shape
            assert found.dtype == getattr(mx, name)(mx.zeros((2,), array.dtype)).dtype


@pytest.mark.parametrize(("name", "of_nothing"), [("sum", 0), ("any", 0), ("all", 1)])
def test_mlx_reduces_no_empty_array(monkeypatch, name, of_nothing):
    reduced = []
    own = getattr(mx, name)
    monkeypatch.setattr(mx, name, lambda array, **options: reduced.append(array.shape) or own(array, **options))
    reduce = reduction(name, of_nothing)
    assert np.asarray(reduce(mx.zeros((3, 0)), axis=-1)).tolist() == [of_nothing] * 3
    assert reduce(mx.ones((3, 2)), axis=-1).shape == (3,)
    assert reduced == [(1,), (3, 2)]
