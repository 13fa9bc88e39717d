"""Candidates that are impossible under one of the two policies: the rules of *Working with groups*."""

import numpy as np
import pytest
import torch

import tpo
from tests.core.algorithms import ALGORITHMS

OLD, NEW = torch.tensor([-1.0, -torch.inf, -2.0, -1.5]), torch.tensor([-1.0, -2.0, -2.0, -1.5])
SCORES = torch.tensor([1.0, 0.0, 0.0, 1.0])


def weights(algorithm, old, new):
    group = tpo.Group(
        scores=SCORES,
        old_log_probs=old,
        ref_log_probs=old,
        rollout_log_probs=old,
        advantages=SCORES - 0.3,
        baseline_scores=torch.tensor(0.4),
    )
    return tpo.row_weights(algorithm, group, new)


def is_forward(algorithm):
    inner = getattr(algorithm, "algorithm", algorithm)
    return is_forward(inner) if inner is not algorithm else getattr(algorithm, "divergence", "") == "forward"


def test_the_forward_divergence_pushes_down_what_was_impossible():
    np.testing.assert_allclose(weights(tpo.TPO(), OLD, NEW), [-0.177, 0.157, 0.127, -0.107], atol=5e-4)
    by_hand = tpo.candidate_weights(tpo.target(OLD, SCORES), NEW)
    np.testing.assert_allclose(by_hand, weights(tpo.TPO(), OLD, NEW), atol=1e-7)
    assert by_hand[1] == tpo.policy_over_group(NEW)[1]
    ratio = tpo.policy_over_group(torch.tensor([0.0, -2.0, 0.0, 0.0]))[1]
    np.testing.assert_allclose(weights(tpo.TPO(anchor="ratio"), OLD, NEW)[1], ratio, rtol=1e-6)


@pytest.mark.parametrize("algorithm", [one for one in ALGORITHMS if not is_forward(one)], ids=str)
def test_every_other_loss_leaves_out_what_was_impossible(algorithm):
    assert weights(algorithm, OLD, NEW)[1] == 0


def test_what_has_become_impossible_has_no_gradient_from_any_form_of_the_cross_entropy():
    q = tpo.target(NEW, SCORES)
    assert q[1] > 0.02
    at = OLD.clone().requires_grad_()
    tpo.cross_entropy(q, at).backward()
    by_hand = tpo.candidate_weights(q, OLD)
    for found in (at.grad, by_hand, weights(tpo.TPO(), NEW, OLD)):
        assert found[1] == 0
        np.testing.assert_allclose(found, at.grad, atol=1e-7)
    assert tpo.candidate_weights(q.numpy(), OLD.numpy())[1] == 0


def test_a_score_counts_whatever_the_log_prob_and_only_a_mask_leaves_it_out():
    scores, old = np.asarray([1.0, 0.0, 0.0]), np.asarray([-np.inf, -1.0, -2.0])
    group = tpo.Group(scores=scores, old_log_probs=old)
    np.testing.assert_allclose(tpo.GRPO().prepare(group).advantages[:, 0], [2**0.5, -(2**-0.5), -(2**-0.5)])
    assert tpo.RLOO().prepare(group).advantages[:, 0].tolist() == [1.0, -0.5, -0.5]
    masked = tpo.Group(scores=scores, old_log_probs=old, mask=np.asarray([False, True, True]))
    assert tpo.GRPO().prepare(masked).advantages[:, 0].tolist() == [0.0, 0.0, 0.0]
