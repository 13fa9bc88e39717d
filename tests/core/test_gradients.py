"""The gradient of TPO's loss, and arguments without a gradient."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import ALGORITHMS, run

rng = np.random.default_rng(0)
NEW, OLD, SCORES, REFERENCE = 2 * rng.normal(size=(4, 40, 8))


def softmax(exponents):
    masses = np.exp(exponents - exponents.max(-1, keepdims=True))
    return masses / masses.sum(-1, keepdims=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_of_tpos_loss_is_p_minus_q(autodiff, dtype):
    new, old, scores = (values.astype(dtype).astype(np.longdouble) for values in (NEW, OLD, SCORES))
    u = (scores - scores.mean(-1, keepdims=True)) / scores.std(-1, keepdims=True)
    given = {"scores": SCORES.astype(dtype), "old_log_probs": OLD.astype(dtype)}
    outcome = run(autodiff, tpo.TPO(), NEW.astype(dtype), **given)
    exact = softmax(new) - softmax(old + u)
    np.testing.assert_allclose(outcome.gradient, exact, rtol=0, atol=4 * np.finfo(dtype).eps)
    value = -(softmax(old + u) * np.log(softmax(new))).sum(-1)
    np.testing.assert_allclose(outcome.value, value, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("anchor", ["policy", "ratio", "none"])
def test_it_is_the_candidate_weights_to_rounding(autodiff, anchor):
    def difference(new, old, scores):
        algorithm, xp = tpo.TPO(anchor=anchor), autodiff.namespace()
        signal = algorithm.prepare(tpo.Group(scores=scores, old_log_probs=old))
        value, pull = autodiff.vjp(lambda x: algorithm.loss(x, signal).value, new)
        measured = new - old if anchor == "ratio" else new
        return pull(xp.ones_like(value)) - tpo.candidate_weights(signal.q, measured)

    arrays = [autodiff.asarray(values) for values in (NEW, OLD, SCORES)]
    found = autodiff.to_numpy(autodiff.compile(difference)(*arrays))
    np.testing.assert_allclose(found, 0 * found, rtol=0, atol=4 * np.finfo(found.dtype).eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_through_the_plain_cross_entropy_it_is_the_same_to_rounding(autodiff, dtype):
    def gradients(new, old, scores):
        q = tpo.target(old, scores)
        value, pull = autodiff.vjp(lambda x: tpo.cross_entropy(q, x), new)
        return pull(autodiff.namespace().ones_like(value)), tpo.candidate_weights(q, new)

    arrays = [autodiff.asarray(values, dtype=dtype) for values in (NEW, OLD, SCORES)]
    through, weights = autodiff.compile(gradients)(*arrays)
    difference = autodiff.to_numpy(through) - autodiff.to_numpy(weights)
    np.testing.assert_allclose(difference, 0 * difference, rtol=0, atol=4 * np.finfo(dtype).eps)


DATA = {
    "scores": SCORES,
    "old_log_probs": OLD,
    "ref_log_probs": REFERENCE,
    "rollout_log_probs": REFERENCE[::-1].copy(),
    "advantages": NEW[::-1].copy(),
    "baseline_scores": SCORES[:, 0].copy(),
}


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_no_gradient_flows_into_what_was_prepared_from(autodiff, algorithm):
    def loss(given):
        signal = algorithm.prepare(tpo.Group(**{name: given[name] for name in DATA}))
        return algorithm.loss(given["log_probs"], signal).value

    def gradients(given):
        value, pull = autodiff.vjp(loss, given)
        return pull(autodiff.namespace().ones_like(value))

    given = {key: autodiff.asarray(values) for key, values in {**DATA, "log_probs": NEW}.items()}
    flowed = {key: bool(autodiff.to_numpy(grad).any()) for key, grad in autodiff.compile(gradients)(given).items()}
    assert flowed == dict.fromkeys(DATA, False) | {"log_probs": True}
