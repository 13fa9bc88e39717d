"""NumPy yields to one other library."""

import numpy as np

import tpo
from tests.libraries import Library

LOG_PROBS, SCORES = np.log([[0.5, 0.25, 0.25]]), np.asarray([[0, 1, 1]])
MASK = np.asarray([[True, True, False]])
EXPECTED = tpo.target(LOG_PROBS, SCORES, mask=MASK)


def test_numpy_arrays_are_converted_wherever_they_stand(backend):
    for own in range(3):
        given = [LOG_PROBS, SCORES, MASK]
        given[own] = backend.array(given[own], given[own].dtype.name)
        q = tpo.target(given[0], given[1], mask=given[2])
        assert type(q) is type(given[own])
        np.testing.assert_allclose(backend.numpy(q), EXPECTED, rtol=1e-15)


def test_a_group_ends_up_in_one_library(backend):
    group = tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS, mask=backend.array(MASK, "bool"))
    assert type(group.scores) is type(group.old_log_probs) is type(group.mask)
    np.testing.assert_array_equal(backend.numpy(group.old_log_probs), LOG_PROBS)


def test_a_signal_of_numpy_arrays_serves_any_library(autodiff, gradient):
    algorithm = tpo.TPO()
    signal = algorithm.prepare(tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS))
    at = autodiff.asarray(np.log([[0.2, 0.2, 0.6]]))
    grad = gradient(lambda x: algorithm.loss(x, signal).value, at)
    np.testing.assert_allclose(grad, [[0.2, 0.2, 0.6]] - tpo.target(LOG_PROBS, SCORES), rtol=0, atol=4e-16)


def test_numpy_stays_numpy():
    assert type(tpo.target(LOG_PROBS, SCORES)) is np.ndarray
    assert Library("numpy").xp is tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS).library()[1]
