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


@pytest.mark.parametrize("name", ["scores", "baseline_scores"])
def test_replacing_another_field_keeps_the_digits_of_scores(backend, name):
    given = {"scores": [[10**9, 10**9 + 1]], "baseline_scores": [10**9]}
    arrays = {place: backend.array(values, "int64") for place, values in given.items()}
    group = tpo.Group(**arrays, old_log_probs=backend.array([[-1.0, -1.0]], "float32"))
    replaced = dataclasses.replace(group, ref_log_probs=group.old_log_probs)
    np.testing.assert_array_equal(backend.numpy(replaced.given_scores), given["scores"])
    np.testing.assert_array_equal(backend.numpy(replaced.scores_above_baseline()), [[0.0, 1.0]])
    whole = dataclasses.replace(group, **{name: backend.array(given[name], "int32")})
    np.testing.assert_array_equal(backend.numpy(getattr(whole, f"given_{name}")), np.int32(given[name]))
    changed = dataclasses.replace(group, **{name: backend.array(np.asarray(given[name]) + 4096.0, "float32")})
    assert backend.numpy(getattr(changed, f"given_{name}")).dtype == np.float32
    np.testing.assert_array_equal(backend.numpy(getattr(changed, name)), np.float32(given[name]) + np.float32(4096))
