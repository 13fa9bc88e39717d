"""Each algorithm on one group of four, worked by hand."""

import functools
import math

import numpy as np
import pytest

from tests.core.algorithms import run
from tpo import DG, GRPO, PPO, REINFORCE, TPO

summed = functools.partial(GRPO, reduction="group-mean-token-sum")
OLD = np.log([0.1, 0.2, 0.3, 0.4])
NEW = np.log([0.2, 0.2, 0.2, 0.4])
# The ratios are 2, 1, 2/3 and 1. Standardized, these scores are 1, -1, -1, 1; centred, half of that.
SCORES = np.asarray([6.0, 5.0, 5.0, 6.0])
E = math.e
Q = np.asarray([0.1 * E, 0.2 / E, 0.3 / E, 0.4 * E]) / (0.5 * E + 0.5 / E)
SURE, UNSURE = math.sqrt(5) / (1 + math.sqrt(5)), math.sqrt(2.5) / (1 + math.sqrt(2.5))
CASES = [
    (TPO(), -(Q * NEW).sum(), 1, np.exp(NEW) - Q),
    # Clipped above at 1.2 for the first, below at 0.8 for the third.
    (summed(kl=0.0), -1.2 + 1 + 0.8 - 1, 1, [0, 1, 0, -1]),
    (summed(kl=0.0, clip=1.5), -2 + 1 + 2 / 3 - 1, 1, [-2, 1, 2 / 3, -1]),
    (GRPO(kl=0.0), -0.4, 4, [0, 1, 0, -1]),
    # The estimators of the divergence are 1/2 + log 2 - 1, 0, 3/2 + log(2/3) - 1 and 0.
    (summed(kl=0.1), -0.4 + 0.1 * math.log(4 / 3), 1, [0.05, 1, -0.05, -1]),
    (PPO(), -0.2, 4, [0, 0.5, 0, -0.5]),
    (PPO(clip=0.4), (-1.4 + 1 + 2 / 3 - 1) / 2, 4, [0, 0.5, 1 / 3, -0.5]),
    (REINFORCE(), -math.log(2) / 2, 4, [-0.5, 0.5, 0.5, -0.5]),
    (
        DG(),
        SURE * math.log(5) / 2 - (1 - SURE) * math.log(5) + UNSURE * math.log(2.5) / 2,
        4,
        [-SURE / 2, (1 - SURE) / 2, (1 - SURE) / 2, -UNSURE / 2],
    ),
    (DG(eta=1e30), -math.log(2) / 4, 4, [-0.25, 0.25, 0.25, -0.25]),
]


@pytest.mark.parametrize(("algorithm", "value", "weight", "gradient"), CASES, ids=lambda case: str(case)[:20])
def test_value_weight_and_gradient(autodiff, algorithm, value, weight, gradient):
    outcome = run(autodiff, algorithm, NEW[None], scores=SCORES[None], old_log_probs=OLD[None])
    np.testing.assert_allclose(outcome.value, [value], rtol=1e-14)
    np.testing.assert_array_equal(outcome.weight, [weight])
    np.testing.assert_allclose(outcome.gradient, [gradient], rtol=1e-14, atol=1e-15)


def test_grpo_is_pulled_to_its_reference_where_there_is_one(autodiff):
    reference = np.log([0.4, 0.2, 0.2, 0.2])
    given = {"scores": SCORES[None], "old_log_probs": OLD[None], "ref_log_probs": reference[None]}
    outcome = run(autodiff, summed(kl=0.1), NEW[None], **given)
    # exp(-d) + d - 1 with d = -log 2, 0, 0, log 2.
    np.testing.assert_allclose(outcome.value, [-0.4 + 0.1 * (2 - math.log(2) - 1 + 0.5 + math.log(2) - 1)], rtol=1e-14)
    np.testing.assert_allclose(outcome.gradient, [[-0.1, 1, 0, -1 + 0.05]], rtol=1e-14)


def test_dg_has_the_papers_coefficient_for_a_right_answer(autodiff):
    # Kaddour 2026, appendix C: a sample of probability p and advantage 1 weighs 1 / (1 + p).
    p = np.asarray([[0.1, 0.5]])
    outcome = run(autodiff, DG(), np.log(p), scores=np.asarray([[1.0, -1.0]]), old_log_probs=np.log(p))
    np.testing.assert_allclose(outcome.gradient, [[-1 / 1.1, 1 - 1 / 1.5]], rtol=1e-14)


def test_a_ratio_is_no_larger_than_at_20_nats_and_keeps_the_gradient_of_there(autodiff):
    far = np.asarray([[19.0, 0.0], [21.0, 0.0], [-19.0, 0.0], [-21.0, 0.0]])
    scores = np.broadcast_to([-1.0, 1.0], (4, 2))
    outcome = run(autodiff, summed(kl=0.0), far, scores=scores, old_log_probs=np.zeros((4, 2)))
    ratio = np.exp([19.0, 20.0, -19.0, -20.0])
    np.testing.assert_allclose(outcome.value, np.maximum(ratio, 0.8) - 1, rtol=1e-14)
    np.testing.assert_allclose(outcome.gradient[:, 0], [ratio[0], ratio[1], 0, 0], rtol=1e-14)


def test_the_loss_of_tpo_is_huge_where_a_candidate_with_target_mass_became_impossible(autodiff):
    new = np.asarray([[0.0, -np.inf], [0.0, np.log(3)]])
    old, scores = np.zeros((2, 2)), np.ones((2, 2))
    outcome = run(autodiff, TPO(), new, scores=scores, old_log_probs=old)
    np.testing.assert_allclose(outcome.value, [np.finfo(float).max / 8, np.log(4) - np.log(3) / 2], rtol=1e-15)
    np.testing.assert_allclose(outcome.gradient, [[0.5, -0.5], [-0.25, 0.25]], rtol=1e-15)
