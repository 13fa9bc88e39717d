"""Cross-entropy to a target: its value, its gradient and its curvature."""

import jax
import numpy as np
import pytest
import torch

import tpo
from tpo.plugins import registry

INF, NAN = float("inf"), float("nan")


def test_it_is_minus_the_expected_log_probability(backend):
    q = [[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    p = [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]
    value = tpo.cross_entropy(backend.array(q), backend.array(np.log(p)))
    np.testing.assert_allclose(backend.numpy(value), [1.5 * np.log(2), np.log(10), 0], rtol=1e-15)


def test_the_log_probs_are_normalized_over_the_group(backend):
    q, logits = backend.array([0.5, 0.25, 0.25]), np.log([0.5, 0.25, 0.25])
    value = tpo.cross_entropy(q, backend.array(logits - 1000))
    np.testing.assert_allclose(backend.numpy(value), 1.5 * np.log(2), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_has_the_dtype_of_the_log_probs(backend, dtype):
    value = tpo.cross_entropy(backend.array([0.5, 0.5], "float64"), backend.array([-1.0, -1.0], dtype))
    assert value.dtype == getattr(backend.xp, dtype)
    np.testing.assert_allclose(backend.numpy(value), np.log(2), rtol=2 * np.finfo(dtype).eps)


def test_impossible_and_masked_candidates_without_target_mass_add_nothing(backend):
    q = [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0], [0.5, 0.25, 0.25, 0.0]]
    log_probs = [[-1.0, -1.0, -INF, -9.0], [-INF, -INF, -INF, 0.0], [-1e4, -1e4, -INF, NAN], [-1.0, -1.0, -INF, 0.0]]
    mask = backend.array(4 * [[True, True, True, False]], "bool")
    value = tpo.cross_entropy(backend.array(q), backend.array(log_probs), mask=mask)
    # The last one wants mass where there can be none.
    huge = np.finfo(float).max / 16
    np.testing.assert_allclose(backend.numpy(value), [np.log(2), 0, np.log(2), huge], rtol=1e-15)


@pytest.mark.parametrize("junk", [NAN, INF, 5.0])
def test_masked_slots_of_the_target_may_hold_anything(autodiff, gradient, junk):
    q, log_probs = autodiff.asarray([[0.5, 0.5, junk]]), autodiff.asarray([[0.0, 0.0, 3.0]])
    mask = autodiff.asarray(np.asarray([[True, True, False]]))
    np.testing.assert_allclose(autodiff.to_numpy(tpo.cross_entropy(q, log_probs, mask=mask)), [np.log(2)])
    found = gradient(lambda x: tpo.cross_entropy(q, x, mask=mask), log_probs)
    np.testing.assert_allclose(found, np.zeros((1, 3)), atol=1e-7)
    assert not autodiff.to_numpy(tpo.candidate_weights(q, log_probs, mask=mask)).any()


def test_nan_is_seen(backend):
    value = tpo.cross_entropy(backend.array([[0.5, 0.5]] * 2), backend.array([[NAN, 0.0], [0.0, 0.0]]))
    assert np.isnan(backend.numpy(value)).tolist() == [True, False]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_its_gradient_is_p_minus_q(autodiff, gradient, dtype):
    rng = np.random.default_rng(0)
    logits = 3 * rng.normal(size=(50, 7))
    q, p = rng.dirichlet(np.ones(7), 50).astype(dtype), np.exp(logits.astype(dtype).astype(np.float64))
    p /= p.sum(-1, keepdims=True)
    grad = gradient(lambda x: tpo.cross_entropy(autodiff.asarray(q), x), autodiff.asarray(logits, dtype=dtype))
    assert grad.dtype == dtype
    np.testing.assert_allclose(grad, p - q, rtol=0, atol=4 * np.finfo(dtype).eps)


def test_its_gradient_is_zero_and_never_nan_at_impossible_and_masked_candidates(autodiff, gradient):
    q = autodiff.asarray([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    log_probs = autodiff.asarray([[0.0, np.log(3), -INF, 5.0], [-INF, -INF, -INF, 0.0]])
    mask = autodiff.asarray([[True, True, True, False]] * 2)
    grad = gradient(lambda x: tpo.cross_entropy(q, x, mask=mask), log_probs)
    np.testing.assert_allclose(grad, [[-0.25, 0.25, 0, 0], [0, 0, 0, 0]], rtol=0, atol=2e-16)
    assert (grad[:, 2:] == 0).all()
    assert (grad[1] == 0).all()


def test_no_gradient_flows_into_the_target(autodiff, gradient):
    log_probs = autodiff.asarray([-1.0, -2.0])
    assert not gradient(lambda q: tpo.cross_entropy(q, log_probs) + 0 * q[0], autodiff.asarray([0.25, 0.75])).any()


LOGITS = np.random.default_rng(1).normal(size=6)


def hessian_of(framework, function, at):
    if framework == "torch":
        return torch.autograd.functional.hessian(function, torch.asarray(at)).numpy()
    return np.asarray(jax.jit(jax.hessian(function))(jax.numpy.asarray(at)))


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_its_hessian_is_diag_p_minus_p_p(framework):
    q = np.asarray([0.5, 0.2, 0.1, 0.1, 0.1, 0.0])
    with registry.backend(framework).precision("float64"):
        hessian = hessian_of(framework, lambda x: tpo.cross_entropy(q, x), LOGITS)
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    np.testing.assert_allclose(hessian, np.diag(p) - np.outer(p, p), rtol=0, atol=4e-16)


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_its_hessian_is_zero_and_never_nan_at_an_impossible_candidate(framework):
    logits, q = np.append(LOGITS, -INF), np.asarray([0.5, 0.2, 0.1, 0.1, 0.1, 0.0, 0.0])
    with registry.backend(framework).precision("float64"):
        hessian = hessian_of(framework, lambda x: tpo.cross_entropy(q, x), logits)
    p = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(hessian, np.diag(p) - np.outer(p, p), rtol=0, atol=4e-16)
