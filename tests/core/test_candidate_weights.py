"""The gradient of TPO's loss as data."""

import numpy as np

import tpo

INF = float("inf")


def test_they_are_the_policy_minus_the_target(backend):
    log_probs, q = np.log([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]), [[0.25, 0.5, 0.25], [1.0, 0.0, 0.0]]
    weights = tpo.candidate_weights(backend.array(q), backend.array(log_probs))
    np.testing.assert_allclose(backend.numpy(weights), [[0.25, -0.25, 0.0], [-0.8, 0.2, 0.6]], rtol=0, atol=2.3e-16)


def test_they_sum_to_zero_over_the_group(backend):
    rng = np.random.default_rng(0)
    log_probs, old, scores = (backend.array(values) for values in rng.normal(size=(3, 60, 9)))
    weights = backend.compile(tpo.candidate_weights)(backend.compile(tpo.target)(old, scores), log_probs)
    np.testing.assert_allclose(backend.numpy(weights).sum(-1), np.zeros(60), rtol=0, atol=1e-15)


def test_impossible_and_masked_candidates_weigh_nothing(backend):
    log_probs = backend.array([[0.0, -INF, 0.0, 7.0], [-INF, -INF, -INF, 0.0]])
    q = backend.array([[0.75, 0.0, 0.25, 0.0], [0.0, 0.0, 0.0, 0.0]])
    mask = backend.array([[True, True, True, False]] * 2, "bool")
    weights = backend.numpy(tpo.candidate_weights(q, log_probs, mask=mask))
    np.testing.assert_array_equal(weights, [[-0.25, 0, 0.25, 0], [0, 0, 0, 0]])


def test_they_have_the_dtype_of_the_log_probs(backend):
    q, log_probs = backend.array([0.25, 0.75], "float64"), backend.array([0.0, 0.0], "float32")
    weights = tpo.candidate_weights(q, log_probs)
    assert weights.dtype == backend.xp.float32
    np.testing.assert_array_equal(backend.numpy(weights), [0.25, -0.25])


def test_they_carry_no_gradient(autodiff, gradient):
    q, log_probs = autodiff.asarray([0.25, 0.75]), autodiff.asarray([-1.0, -2.0])
    assert not gradient(lambda x: tpo.candidate_weights(x, log_probs) + 0 * x, q).any()
    assert not gradient(lambda x: tpo.candidate_weights(q, x) + 0 * x, log_probs).any()


def test_a_group_may_be_split_over_micro_batches(autodiff, gradient):
    xp = autodiff.namespace()
    rng = np.random.default_rng(1)
    log_probs, old, scores = (autodiff.asarray(values) for values in rng.normal(size=(3, 4, 8)))
    q = tpo.target(old, scores)
    weights = tpo.candidate_weights(q, log_probs)
    whole = gradient(lambda x: tpo.cross_entropy(q, x), log_probs)
    parts = [
        gradient(lambda x, at=at: xp.sum(weights[:, at : at + 4] * x, axis=-1), log_probs[:, at : at + 4])
        for at in (0, 4)
    ]
    np.testing.assert_allclose(np.concatenate(parts, axis=-1), whole, rtol=0, atol=1e-15)
