"""The arrays of a group after its construction."""

import dataclasses

import numpy as np
import pytest

import tpo

ARRAYS = {
    "scores": [[1, 0, 0], [2, 2, 2]],
    "old_log_probs": [[-1.0, -2.0, -3.0], [-1.0, -float("inf"), -3.0]],
    "ref_log_probs": [[-3.0, -2.0, -1.0], [0.0, 0.0, 0.0]],
}
MASK = [[True, True, False], [True, True, True]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_in_the_dtype_of_the_old_log_probs(backend, dtype):
    group = tpo.Group(
        scores=backend.array(ARRAYS["scores"], "int32"),
        old_log_probs=backend.array(ARRAYS["old_log_probs"], dtype),
        ref_log_probs=backend.array(ARRAYS["ref_log_probs"], "float64"),
        mask=backend.array(MASK, "bool"),
    )
    assert group.size == 3
    for name, values in ARRAYS.items():
        assert getattr(group, name).dtype == getattr(backend.xp, dtype)
        np.testing.assert_array_equal(backend.numpy(getattr(group, name)), values)
    assert group.mask.dtype == backend.xp.bool
    np.testing.assert_array_equal(backend.numpy(group.mask), MASK)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_becomes_float32(autodiff, dtype):
    xp = autodiff.namespace()
    old = autodiff.asarray(ARRAYS["old_log_probs"], dtype=dtype)
    group = tpo.Group(scores=autodiff.asarray(ARRAYS["scores"]), old_log_probs=old)
    assert (group.scores.dtype, group.old_log_probs.dtype) == (xp.float32, xp.float32)
    np.testing.assert_array_equal(autodiff.to_numpy(group.old_log_probs), ARRAYS["old_log_probs"])


def test_the_optional_arrays_may_be_absent(backend):
    group = tpo.Group(scores=backend.array([1.0, 0.0]), old_log_probs=backend.array([-1.0, -1.0]))
    assert group.ref_log_probs is None
    assert group.mask is None


def test_it_cannot_be_changed(backend):
    group = tpo.Group(scores=backend.array([1.0, 0.0]), old_log_probs=backend.array([-1.0, -1.0]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        group.scores = group.old_log_probs


def test_it_knows_its_library(backend):
    group = tpo.Group(scores=backend.array([1.0, 0.0]), old_log_probs=backend.array([-1.0, -1.0]))
    ops, xp = group.library()
    assert xp is ops.namespace() is backend.xp


@pytest.mark.parametrize("name", ARRAYS)
def test_nothing_in_it_carries_a_gradient(autodiff, gradient, name):
    given = {key: autodiff.asarray(np.asarray(values, float)) for key, values in ARRAYS.items()}
    given["old_log_probs"] = given["ref_log_probs"]
    grad = gradient(lambda x: getattr(tpo.Group(**{**given, name: x}), name) + 0 * x, given[name])
    assert not grad.any()
