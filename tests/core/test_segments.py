"""Flat rows with group ids are gathered into groups and scattered back."""

import jax.numpy as jnp
import mlx.core as mx
import numpy as np
import pytest
import torch

import tpo

IDS = [4, 9, 4, 4, 2, 9]
ROWS = np.asarray([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
TOKENS = ROWS[:, None] + np.arange(2.0)
PLACES = [[4, 0, 0], [0, 2, 3], [1, 5, 0]]
FILLED = np.asarray([[True, False, False], [True, True, True], [True, True, False]])


def test_rows_are_gathered_by_id_in_their_order_and_come_back(backend):
    segments = tpo.Segments.from_ids(IDS)
    groups = segments.gather(backend.array(ROWS))
    expected = [[50, 0, 0], [10, 30, 40], [20, 60, 0]]
    np.testing.assert_array_equal(backend.numpy(groups), expected)
    np.testing.assert_array_equal(segments.index, PLACES)
    np.testing.assert_array_equal(segments.mask, FILLED)
    np.testing.assert_array_equal(segments.ids, [2, 4, 9])
    np.testing.assert_array_equal(backend.numpy(segments.scatter(groups)), ROWS)


def test_rows_may_be_arrays_of_tokens(backend):
    segments = tpo.Segments.from_ids(IDS)
    groups = segments.gather(backend.array(TOKENS))
    np.testing.assert_array_equal(backend.numpy(groups), np.where(FILLED[..., None], TOKENS[PLACES], 0))
    np.testing.assert_array_equal(backend.numpy(segments.scatter(groups)), TOKENS)


def test_a_target_of_flat_rows_is_that_of_each_group_alone(backend):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 40, 500)
    log_probs, scores = rng.normal(size=(2, 500))
    segments = tpo.Segments.from_ids(ids)
    padded = [segments.gather(backend.array(rows)) for rows in (log_probs, scores)]
    q = backend.numpy(segments.scatter(tpo.target(*padded, mask=segments.mask)))
    for number in np.unique(ids):
        np.testing.assert_array_equal(q[ids == number], tpo.target(log_probs[ids == number], scores[ids == number]))


def test_groups_of_none_and_of_one(backend):
    segments = tpo.Segments.from_ids([3, 1, 1], num_groups=5, size=4)
    assert segments.mask.sum(-1).tolist() == [0, 2, 0, 1, 0]
    assert segments.mask.shape == (5, 4)
    log_probs, scores = (segments.gather(backend.array(rows)) for rows in ([-1.0, -2.0, -2.0], [1.0, 5.0, 5.0]))
    q = backend.numpy(tpo.target(log_probs, scores, mask=segments.mask))
    np.testing.assert_array_equal(q, [[0, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    group = tpo.Group(scores=scores, old_log_probs=log_probs, mask=segments.mask)
    loss = tpo.TPO().loss(log_probs, tpo.TPO().prepare(group))
    np.testing.assert_array_equal(backend.numpy(loss.weight), [0, 1, 0, 1, 0])
    np.testing.assert_allclose(backend.numpy(loss.value), [0, np.log(2), 0, 0, 0], rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float16", "float32", "bool", "int8", "int64"])
def test_rows_keep_their_dtype(backend, dtype):
    if backend.name == "array-api-strict" and dtype == "float16":
        dtype = "complex64"  # The standard has no half precision.
    segments = tpo.Segments.from_ids([0, 1, 0])
    rows = backend.array([1, 0, 1], dtype)
    groups = segments.gather(rows)
    assert groups.dtype == rows.dtype == segments.scatter(groups).dtype
    np.testing.assert_array_equal(backend.numpy(groups), [[1, 1], [0, 0]])


def test_bfloat16_stays_bfloat16_on_its_device():
    segments = tpo.Segments.from_ids([0, 1, 0])
    groups = segments.gather(torch.zeros(3, 4, dtype=torch.bfloat16, device="meta"))
    assert (groups.dtype, groups.device.type, groups.shape) == (torch.bfloat16, "meta", (2, 2, 4))
    rows = segments.scatter(groups)
    assert (rows.dtype, rows.device.type, rows.shape) == (torch.bfloat16, "meta", (3, 4))


def test_mlx_gathers_scatters_and_differentiates():
    segments = tpo.Segments.from_ids(mx.array(IDS))
    factors = np.arange(1.0, 19.0).reshape(3, 3, 2)
    rows = mx.array(TOKENS.astype(np.float32))
    groups = segments.gather(rows)
    np.testing.assert_array_equal(groups, np.where(FILLED[..., None], TOKENS[PLACES], 0))
    np.testing.assert_array_equal(segments.scatter(groups), TOKENS)
    grad = mx.grad(lambda x: mx.sum(segments.gather(x) * mx.array(factors.astype(np.float32))))(rows)
    np.testing.assert_array_equal(grad, factors.reshape(-1, 2)[segments.position])


@pytest.mark.parametrize("tail", [(), (2,)])
def test_gradients_come_back_to_their_rows(autodiff, gradient, tail):
    segments = tpo.Segments.from_ids(IDS)
    factors = np.arange(1.0, 1 + 9 * (1 + len(tail))).reshape(3, 3, *tail)
    at = np.ones((6, *tail))
    grad = gradient(lambda rows: segments.gather(rows) * autodiff.asarray(factors), autodiff.asarray(at))
    np.testing.assert_array_equal(grad, factors.reshape(-1, *tail)[segments.position])
    grad = gradient(lambda x: segments.scatter(x) * autodiff.asarray(at * 2), autodiff.asarray(factors))
    np.testing.assert_array_equal(grad, np.broadcast_to(2 * FILLED.reshape(3, 3, *(1 for _ in tail)), factors.shape))


def test_a_row_that_is_nan_spoils_no_other_gradient(autodiff, gradient):
    segments = tpo.Segments.from_ids([0, 1, 1])
    grad = gradient(lambda rows: segments.gather(rows) ** 2, autodiff.asarray([np.nan, 2.0, 3.0]))
    np.testing.assert_array_equal(grad, [np.nan, 4, 6])


EMPTY = [
    ({}, (0, 1)),
    ({"num_groups": 0}, (0, 1)),
    ({"num_groups": 2}, (2, 1)),
    ({"num_groups": 2, "size": 0}, (2, 1)),
    ({"num_groups": 2, "size": 3}, (2, 3)),
    ({"exact_size": 4}, (0, 4)),
]


@pytest.mark.parametrize("tail", [(), (3,), (0,)])
@pytest.mark.parametrize(("options", "shape"), EMPTY)
def test_without_rows_groups_are_empty_and_their_target_is_0(backend, options, shape, tail):
    segments = tpo.Segments.from_ids([], **options)
    rows = backend.array(np.zeros((0, *tail)), "float32")
    groups = segments.gather(rows)
    assert (segments.mask.shape, groups.shape, groups.dtype) == (shape, (*shape, *tail), rows.dtype)
    assert not segments.mask.any()
    assert not backend.numpy(groups).any()
    assert segments.scatter(groups).shape == (0, *tail)
    if not tail and shape[0]:
        np.testing.assert_array_equal(backend.numpy(tpo.target(groups, groups, mask=segments.mask)), np.zeros(shape))


@pytest.mark.parametrize(
    ("rows", "names"),
    [(np.zeros(0), []), (torch.zeros(0), []), (jnp.zeros(0), []), (mx.zeros(0), [0, 1]), ((), [0, 1]), (range(0), [])],
)
def test_ids_may_be_an_empty_array_of_any_dtype(rows, names):
    segments = tpo.Segments.from_ids(rows, num_groups=len(names))
    assert segments.ids.tolist() == names
    assert segments.position.shape == (0,)


def test_no_rows_have_an_empty_gradient(autodiff, gradient):
    segments = tpo.Segments.from_ids([], num_groups=2)
    grad = gradient(segments.gather, autodiff.asarray(np.zeros((0, 3))))
    assert grad.shape == (0, 3)


def test_a_backward_pass_reaches_no_rows():
    # As on a rank without rows, which must take part in the reduction of the gradients all the same.
    rows = torch.zeros(0, requires_grad=True)
    tpo.Segments.from_ids([], num_groups=2).gather(rows).sum().backward()
    assert rows.grad.shape == (0,)


@pytest.mark.parametrize("shape", [(), (5,), (5, 6)])
def test_another_number_of_rows_is_refused(shape):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Segments.from_ids(IDS).gather(np.zeros(shape))
    text = f"`rows` must hold one row for each of the ids, [N, ...], here (6,); got {shape}. "
    assert str(caught.value) == text + "Build the segments from the ids of these rows."


@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (4, 3, 3)])
def test_other_groups_are_refused(shape):
    with pytest.raises(tpo.InvalidArgumentError) as caught:
        tpo.Segments.from_ids(IDS).scatter(np.zeros(shape))
    text = f"`groups` must hold the groups that `gather` gives, [G, K, ...], here (3, 3); got {shape}. "
    assert str(caught.value) == text + "Build the segments from the ids of these rows."


def test_rows_must_be_an_array():
    with pytest.raises(tpo.InvalidTypeError, match="`rows` must be an array; got list"):
        tpo.Segments.from_ids(IDS).gather([1.0] * 6)
