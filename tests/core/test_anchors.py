"""The anchors of the target."""

import numpy as np
import pytest

import tpo
from tests.core.algorithms import run

OLD = np.log([[0.1, 0.2, 0.3, 0.4]])
NEW = np.log([[0.2, 0.2, 0.2, 0.4]])
SCORES = np.asarray([[6.0, 5.0, 5.0, 6.0]])  # u is 1, -1, -1, 1
TILT = np.exp([[1.0, -1.0, -1.0, 1.0]])
SOFTMAX = TILT / TILT.sum()
RATIO = np.asarray([[2.0, 1.0, 2 / 3, 1.0]])


@pytest.mark.parametrize("anchor", ["ratio", "none"])
def test_without_the_old_policy_the_target_is_the_tilt_alone(backend, anchor):
    q = tpo.target(backend.array(OLD), backend.array(SCORES), anchor=anchor)
    np.testing.assert_allclose(backend.numpy(q), SOFTMAX, rtol=1e-15)


@pytest.mark.parametrize("anchor", ["ratio", "none"])
def test_impossible_candidates_still_get_nothing(backend, anchor):
    old = backend.array([[0.0, -np.inf, -1.0, -2.0]])
    q = backend.numpy(tpo.target(old, backend.array(SCORES), anchor=anchor))
    assert q[0, 1] == 0
    assert q.sum() == pytest.approx(1, abs=1e-15)


def test_the_ratio_anchor_fits_the_policy_of_ratios(autodiff):
    p = RATIO / RATIO.sum()
    outcome = run(autodiff, tpo.TPO(anchor="ratio"), NEW, scores=SCORES, old_log_probs=OLD)
    np.testing.assert_allclose(outcome.value, -(SOFTMAX * np.log(p)).sum(-1), rtol=1e-14)
    np.testing.assert_allclose(outcome.gradient, p - SOFTMAX, rtol=1e-14, atol=1e-16)


def test_no_anchor_fits_the_policy_itself(autodiff):
    p = np.exp(NEW)
    outcome = run(autodiff, tpo.TPO(anchor="none"), NEW, scores=SCORES, old_log_probs=OLD)
    np.testing.assert_allclose(outcome.gradient, p - SOFTMAX, rtol=1e-14, atol=1e-16)


def test_all_but_none_have_the_same_fixed_point(autodiff):
    at_the_target = OLD + np.log(TILT) + 7.0
    for anchor in ("policy", "ratio"):
        outcome = run(autodiff, tpo.TPO(anchor=anchor), at_the_target, scores=SCORES, old_log_probs=OLD)
        np.testing.assert_allclose(outcome.gradient, 0, atol=1e-15)
    outcome = run(autodiff, tpo.TPO(anchor="none"), at_the_target, scores=SCORES, old_log_probs=OLD)
    assert np.abs(outcome.gradient).max() > 0.1


def test_weights_at_the_old_policy_do_not_depend_on_the_length_under_ratio(autodiff):
    for length in (1, 1000):
        old = -length * np.asarray([[0.1, 0.3, 0.2, 0.5]])
        outcome = run(autodiff, tpo.TPO(anchor="ratio"), old, scores=SCORES, old_log_probs=old)
        np.testing.assert_allclose(outcome.gradient, 0.25 - SOFTMAX, rtol=1e-14)
    anchored = run(autodiff, tpo.TPO(), old, scores=SCORES, old_log_probs=old)
    assert np.abs(anchored.gradient).max() < 1e-40


def test_only_none_moves_a_tied_group_and_says_so(autodiff):
    tied = np.ones((1, 4))
    for anchor, breaks in (("policy", []), ("ratio", []), ("none", ["tied", "direction"])):
        algorithm = tpo.TPO(anchor=anchor)
        gradient = run(autodiff, algorithm, OLD, scores=tied, old_log_probs=OLD).gradient
        assert list(algorithm.traits.breaks) == breaks
        assert gradient.any() == bool(breaks)


def test_ratio_weights_for_engines_that_split_groups(backend):
    q = tpo.target(backend.array(OLD), backend.array(SCORES), anchor="ratio")
    weights = tpo.candidate_weights(q, backend.array(NEW) - backend.array(OLD))
    np.testing.assert_allclose(backend.numpy(weights), RATIO / RATIO.sum() - SOFTMAX, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("call", [lambda: tpo.target(OLD, SCORES, anchor="old"), lambda: tpo.TPO(anchor="old")])
def test_an_unknown_anchor_is_refused(call):
    with pytest.raises(tpo.UnknownNameError) as caught:
        call()
    assert str(caught.value) == "the name must be a registered anchor; got 'old'. Registered: none, policy, ratio."
