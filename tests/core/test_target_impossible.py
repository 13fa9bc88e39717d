"""Impossible candidates, empty slots, and NaN."""

import numpy as np
import pytest

import tpo

INF, NAN = float("inf"), float("nan")
LOG_PROBS = [
    [-1.0, -INF, -2.0, -1.0],
    [-INF, -INF, -INF, -INF],
    [-INF, -INF, -3000.0, -INF],
    [-1.0, -1.0, -1.0, -1.0],
    [-1.0, NAN, -1.0, -1.0],
    [-1.0, -1.0, -1.0, -1.0],
]
SCORES = [[1, 2, 3, 4], [1, 2, 3, 4], [4, 3, 2, 1], [5, 5, 5, 5], [1, 2, 3, 4], [1, NAN, 3, 4]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_impossible_candidates_have_no_mass_and_nan_stays_in_its_group(backend, dtype):
    q = backend.compile(tpo.target)(backend.array(LOG_PROBS, dtype), backend.array(SCORES, dtype))
    q = backend.numpy(q)
    u = np.asarray([-3, -1, 1, 3]) / np.sqrt(5)
    masses = np.exp([-1.0, -INF, -2.0, -1.0]) * np.exp(u)
    np.testing.assert_allclose(q[0], masses / masses.sum(), rtol=4 * np.finfo(dtype).eps)
    assert q[0, 1] == 0
    np.testing.assert_array_equal(q[1:4], [[0, 0, 0, 0], [0, 0, 1, 0], 4 * [0.25]])
    assert np.isnan(q[4:]).all()


def test_masked_slots_have_no_mass_and_padding_changes_nothing(backend):
    rng = np.random.default_rng(3)
    old, scores = 3 * rng.normal(size=(60, 9)), rng.normal(size=(60, 9))
    old[:20, 2] = -INF
    mask = rng.permuted(np.broadcast_to(np.arange(9) < 6, (60, 9)), axis=-1)
    inside, inside_scores = old[mask].reshape(60, 6), scores[mask].reshape(60, 6)
    old[~mask], scores[~mask] = rng.choice([-1e4, 0.0, INF, NAN], (60, 9))[~mask], NAN
    compute = backend.compile(tpo.target)
    q = backend.numpy(compute(backend.array(old), backend.array(scores), mask=backend.array(mask, "bool")))
    assert (q[~mask] == 0).all()
    expected = backend.numpy(compute(backend.array(inside), backend.array(inside_scores)))
    np.testing.assert_allclose(q[mask].reshape(60, 6), expected, rtol=0, atol=4e-15)


def test_a_group_without_valid_slots_is_all_zero(backend):
    mask = backend.array([[False, False], [True, False]], "bool")
    log_probs, scores = backend.array([[-1.0, -1.0], [-9.0, 0.0]]), backend.array([[1.0, 2.0], [1.0, 2.0]])
    q = backend.compile(tpo.target)(log_probs, scores, mask=mask)
    np.testing.assert_array_equal(backend.numpy(q), [[0, 0], [1, 0]])


def test_log_probs_of_minus_ten_thousand_underflow_quietly(backend):
    q = backend.numpy(tpo.target(backend.array([0.0, -1e4, -1e4]), backend.array([0.0, 1.0, 2.0])))
    np.testing.assert_array_equal(q, [1, 0, 0])
