"""The target against equation 2, worked by hand."""

import numpy as np
import pytest

import tpo

INF = float("inf")


def equation_2(log_probs, u, eta):
    masses = np.exp(log_probs) * np.exp(np.asarray(u) / eta)
    return masses / masses.sum(-1, keepdims=True)


@pytest.mark.parametrize("eta", [1.0, 0.25, 3.0])
def test_it_is_the_old_policy_tilted_by_the_standardized_scores(backend, eta):
    old = np.log([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]])
    compute = backend.compile(lambda log_probs, scores: tpo.target(log_probs, scores, eta))
    q = compute(backend.array(old), backend.array([[1, 0, 0, 1], [9, 9, 9, 9]]))
    expected = equation_2(old, [[1, -1, -1, 1], [0, 0, 0, 0]], eta)
    np.testing.assert_allclose(backend.numpy(q), expected, rtol=2e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_sums_to_1_over_the_group(backend, dtype):
    rng = np.random.default_rng(0)
    old, scores = 30 * rng.normal(size=(300, 9)), rng.normal(size=(300, 9))
    q = backend.compile(tpo.target)(backend.array(old, dtype), backend.array(scores, dtype))
    total = backend.numpy(q).astype(np.float64).sum(-1)
    np.testing.assert_allclose(total, np.ones(300), rtol=0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("p", "beta"), [(0.1, 0.73), (0.01, 0.2128), (0.5, 0.9311)])
def test_a_one_hot_score_moves_the_policy_by_the_papers_coefficient(p, beta):
    # Kaddour 2026, appendix C: q - p = beta (e_y - p), beta = p (lambda - 1) / (1 - p + lambda p), lambda = e^(10/3).
    policy = np.asarray([p] + 9 * [(1 - p) / 9])
    step = tpo.target(np.log(policy), np.eye(10)[0]) - policy
    tilt = np.exp(10 / 3)
    exact = p * (tilt - 1) / (1 - p + tilt * p)
    np.testing.assert_allclose(step, exact * (np.eye(10)[0] - policy), rtol=1e-13)
    assert exact == pytest.approx(beta, abs=5e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_high_temperature_leaves_the_old_policy_and_a_low_one_the_best_candidate(backend, dtype):
    old = backend.array(np.log([0.1, 0.2, 0.3, 0.4]), dtype)
    scores = backend.array([1.0, 3.0, 2.0, 2.9], dtype)
    unmoved = backend.numpy(tpo.target(old, scores, 1e30))
    np.testing.assert_array_equal(unmoved, backend.numpy(tpo.target(old, 0 * scores)))
    np.testing.assert_array_equal(backend.numpy(tpo.target(old, scores, 1e-30)), [0, 1, 0, 0])
    np.testing.assert_allclose(backend.numpy(tpo.target(old, scores, 0.01)), [0, 1, 0, 0], atol=1e-4)


def test_a_low_temperature_shares_between_the_best_candidates_as_the_old_policy_does(backend):
    old = backend.array(np.log([0.1, 0.2, 0.3, 0.4]))
    q = backend.numpy(tpo.target(old, backend.array([1, 1, 0, 0]), 0.001))
    np.testing.assert_allclose(q, [1 / 3, 2 / 3, 0, 0], rtol=1e-12)


def test_log_probs_need_not_be_normalized_over_the_group(backend):
    old, scores = np.log([0.5, 0.25, 0.125]), backend.array([0.0, 1.0, 1.0])
    q = backend.numpy(tpo.target(backend.array(old), scores))
    np.testing.assert_allclose(backend.numpy(tpo.target(backend.array(old - 512.0), scores)), q, rtol=1e-12)


@pytest.mark.parametrize("scores", ["float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("log_probs", ["float32", "float64"])
def test_the_result_has_the_dtype_of_the_log_probs(backend, log_probs, scores):
    old = backend.array(np.log([0.5, 0.25, 0.25]), log_probs)
    q = tpo.target(old, backend.array([0, 1, 1], scores))
    assert q.dtype == old.dtype
    expected = equation_2(np.log([0.5, 0.25, 0.25]), np.sqrt([2, 0.5, 0.5]) * [-1, 1, 1], 1.0)
    np.testing.assert_allclose(backend.numpy(q), expected, rtol=4 * np.finfo(log_probs).eps)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32_and_rounded_once(autodiff, dtype):
    xp = autodiff.namespace()
    old = autodiff.asarray([-1.0, -2.0, -1000.0, -1.5], dtype=dtype)
    scores = autodiff.asarray([1000.0, -1000.0, 500.0, 20000.0], dtype=dtype)
    q = tpo.target(old, scores)
    assert q.dtype == old.dtype
    full = tpo.target(xp.astype(old, xp.float32), xp.astype(scores, xp.float32))
    assert bool(xp.all(q == xp.astype(full, q.dtype)))
    assert float(xp.max(q)) > 0.5
