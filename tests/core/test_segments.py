"""Flat rows with group ids."""

import numpy as np
import pytest

import tpo

IDS = [4, 9, 4, 4, 2, 9]
ROWS = np.asarray([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])


def test_rows_are_gathered_by_id_in_their_order_and_come_back(backend):
    segments = tpo.Segments.from_ids(IDS)
    groups = segments.gather(backend.array(ROWS))
    expected = [[50, 0, 0], [10, 30, 40], [20, 60, 0]]
    np.testing.assert_array_equal(backend.numpy(groups), expected)
    np.testing.assert_array_equal(segments.mask, np.asarray(expected) > 0)
    np.testing.assert_array_equal(backend.numpy(segments.scatter(groups)), ROWS)


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


def test_booleans_and_integers_are_rows_too(backend):
    segments = tpo.Segments.from_ids([0, 1, 0])
    mask = segments.gather(backend.array([True, True, False], "bool"))
    np.testing.assert_array_equal(backend.numpy(mask), [[True, False], [True, False]])
    counts = segments.gather(backend.array([1, 2, 3], "int32"))
    np.testing.assert_array_equal(backend.numpy(counts), [[1, 3], [2, 0]])


def test_gradients_come_back_to_their_rows(autodiff, gradient):
    segments = tpo.Segments.from_ids(IDS)
    factors = autodiff.asarray(np.arange(1.0, 10.0).reshape(3, 3))
    grad = gradient(lambda rows: segments.gather(rows) * factors, autodiff.asarray(ROWS))
    np.testing.assert_array_equal(grad, [4, 7, 5, 6, 1, 8])


def test_there_may_be_no_rows(backend):
    segments = tpo.Segments.from_ids(np.zeros(0, int), num_groups=2, size=3)
    np.testing.assert_array_equal(backend.numpy(segments.gather(backend.array([]))), np.zeros((2, 3)))
    assert backend.numpy(segments.scatter(backend.array(np.zeros((2, 3))))).shape == (0,)


REFUSED = [
    (
        lambda: tpo.Segments.from_ids([[1, 2]]),
        "`ids` must have the shape [N]; got (1, 2). Flatten them: numpy.ravel(ids).",
    ),
    (
        lambda: tpo.Segments.from_ids(["a", "b"]),
        "`ids` must be whole numbers; got <U1. Number the names: numpy.unique(ids, return_inverse=True)[1].",
    ),
    (
        lambda: tpo.Segments.from_ids([0, 5], num_groups=5),
        "`ids` must be from 0 to 4; got 0 to 5. Leave `num_groups` out for other ids.",
    ),
    (
        lambda: tpo.Segments.from_ids([1, 1, 1], size=2),
        "`size` must be at least that of the largest group, 3; got 2. Leave it out to fit the largest.",
    ),
    (
        lambda: tpo.Segments.from_ids(IDS).gather(np.zeros(5)),
        "the array must have the shape of the ids, (6,); got (5,). Build the segments from the ids of these rows.",
    ),
    (
        lambda: tpo.Segments.from_ids(IDS).scatter(np.zeros((3, 4))),
        "the array must have the shape of the ids, (3, 3); got (3, 4). Build the segments from the ids of these rows.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises((tpo.InvalidArgumentError, tpo.InvalidTypeError)) as caught:
        call()
    assert str(caught.value) == message
