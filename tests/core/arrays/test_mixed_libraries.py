"""NumPy arrays are converted to the other library of a call."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS
from tests.libraries import Library
from tpo.testing.laws.groups import made_up_groups

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


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_a_signal_of_numpy_arrays_serves_every_algorithm(autodiff, gradient, algorithm):
    groups = made_up_groups((3, 4))
    log_probs = autodiff.asarray(groups.pop("log_probs"))
    owned = algorithm.prepare(tpo.Group(**{name: autodiff.asarray(values) for name, values in groups.items()}))
    numpy = algorithm.prepare(tpo.Group(**groups))
    found, expected = (gradient(lambda x, s=s: algorithm.loss(x, s).value, log_probs) for s in (numpy, owned))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_numpy_stays_numpy():
    assert type(tpo.target(LOG_PROBS, SCORES)) is np.ndarray
    assert Library("numpy").xp is tpo.Group(scores=SCORES, old_log_probs=LOG_PROBS).library()[1]
