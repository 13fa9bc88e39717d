"""Groups of different sizes in one array."""

import numpy as np

import tpo

NAN, INF = float("nan"), float("inf")
SCORES = [
    [3.0, 1.0, 99.0, -INF],
    [3.0, 1.0, NAN, INF],
    [0.1, 0.1, 0.1, 7.0],
    [5.0, -1e30, 1e30, 0.0],
    [1.0, INF, NAN, -INF],
    [1.0, 0.0, 0.0, 1.0],
]
SIZES = [2, 2, 3, 1, 0, 4]
EXPECTED = [[1, -1, 0, 0], [1, -1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, -1, -1, 1]]


def test_masked_slots_are_zero_and_count_for_nothing(backend):
    mask = np.arange(4) < np.asarray(SIZES)[:, None]
    u = backend.compile(tpo.standardize)(backend.array(SCORES), mask=backend.array(mask, "bool"))
    np.testing.assert_array_equal(backend.numpy(u), EXPECTED)


def test_a_mask_that_is_true_everywhere_changes_nothing(backend):
    scores = np.random.default_rng(1).normal(size=(60, 9))
    plain = backend.compile(tpo.standardize)(backend.array(scores))
    masked = backend.compile(tpo.standardize)(backend.array(scores), mask=backend.array(scores < INF, "bool"))
    np.testing.assert_allclose(backend.numpy(masked), backend.numpy(plain), rtol=0, atol=1e-15)


def test_where_the_valid_slots_are_does_not_matter(backend):
    rng = np.random.default_rng(2)
    scores = rng.normal(size=(60, 9))
    mask = rng.permuted(np.broadcast_to(np.arange(9) < 5, (60, 9)), axis=-1)
    u = backend.compile(tpo.standardize)(backend.array(1e3 * scores), mask=backend.array(mask, "bool"))
    u, valid = backend.numpy(u), scores[mask].reshape(60, 5)
    expected = (valid - valid.mean(-1, keepdims=True)) / valid.std(-1, keepdims=True)
    np.testing.assert_allclose(u[mask].reshape(60, 5), expected, rtol=0, atol=4e-15)
    assert (u[~mask] == 0).all()
