"""The policy-gradient methods on one group of four candidates, worked by hand."""

import math
from statistics import fmean, pstdev

import numpy as np
import pytest

from tests.core.algorithms import run
from tpo import CISPO, DAPO, GPG, GSPO, PPO, RLOO, SAPO, DrGRPO, GroupPG, MaxRL, REINFORCEPlusPlus, ReMax

OLD = np.log([0.1, 0.2, 0.3, 0.4])
NEW = np.log([0.2, 0.2, 0.2, 0.4])
# The ratios are 2, 1, 2/3 and 1. Standardized, these scores are 1, -1, -1, 1; centred, half of that. Their mean is 5.5.
SCORES = np.asarray([6.0, 5.0, 5.0, 6.0])
LOG2 = math.log(2)
SIGNS = np.asarray([1.0, -1.0, -1.0, 1.0])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def bell(x):
    return sigmoid(x) * sigmoid(-x)


def on_one_group(autodiff, algorithm, **changed):
    """Value, weight and gradient on the group above, with the fields in `changed` replaced."""
    given = {"scores": SCORES, "old_log_probs": OLD, **changed}
    outcome = run(autodiff, algorithm, NEW[None], **{name: np.asarray(values)[None] for name, values in given.items()})
    return outcome.value[0], outcome.weight[0], outcome.gradient[0]


CASES = [
    (RLOO(), -2 / 3 * LOG2, 4, -2 / 3 * SIGNS),
    (MaxRL(), -LOG2 / 11, 4, -SIGNS / 11),
    (GroupPG(), -LOG2, 1, -SIGNS),
    (GroupPG(eta=0.5), -2 * LOG2, 1, -2 * SIGNS),
    # Clipped above for the first, below for the third.
    (DrGRPO(), -0.2, 4, [0, 0.5, 0, -0.5]),
    (DrGRPO(max_length=10), -0.02, 4, [0, 0.05, 0, -0.05]),
    (DAPO(), -1.28 + 0.8, 4, [0, 1, 0, -1]),
    (DAPO(clip_low=0.5, clip_high=1.5), -2 + 2 / 3, 4, [-2, 1, 2 / 3, -1]),
    (GSPO(), -4e-4 - 3e-4, 4, [0, 1, 0, -1]),
    (GSPO(clip_low=0.5, clip_high=1.5), -2 + 2 / 3, 4, [-2, 1, 2 / 3, -1]),
    (CISPO(), -2 * NEW[0] + NEW[1] + 2 / 3 * NEW[2] - NEW[3], 4, [-2, 1, 2 / 3, -1]),
    (CISPO(clip_low=0.2, clip_high=0.5), -1.5 * NEW[0] + NEW[1] + 0.8 * NEW[2] - NEW[3], 4, [-1.5, 1, 0.8, -1]),
    (
        SAPO(),
        -4 * sigmoid(1) + 4 / 1.05 * (sigmoid(0) + sigmoid(-0.35)) - 4 * sigmoid(0),
        4,
        [-8 * bell(1), 1, 8 / 3 * bell(-0.35), -1],
    ),
    (SAPO(tau_positive=2.0, tau_negative=3.0), -2 * sigmoid(2) + 2 / 3 + 4 / 3 * sigmoid(-1) - 1, 4, None),
    (GPG(), -LOG2 / 2, 4, -SIGNS / 2),
    (GPG(f_norm=0.25), -2 * LOG2, 4, -2 * SIGNS),
    (REINFORCEPlusPlus(), -0.4, 4, [0, 1, 0, -1]),
    (REINFORCEPlusPlus(clip=1.5), -2 + 1 + 2 / 3 - 1, 4, [-2, 1, 2 / 3, -1]),
]


@pytest.mark.parametrize(("algorithm", "value", "weight", "gradient"), CASES, ids=lambda case: str(case)[:32])
def test_value_weight_and_gradient(autodiff, algorithm, value, weight, gradient):
    outcome = on_one_group(autodiff, algorithm)
    np.testing.assert_allclose(outcome[0], value, rtol=1e-11)
    assert outcome[1] == weight
    if gradient is not None:
        np.testing.assert_allclose(outcome[2], gradient, rtol=1e-13, atol=1e-15)


def test_sapo_has_the_gradient_of_the_plain_ratio_where_nothing_has_moved(autodiff):
    outcome = on_one_group(autodiff, SAPO(tau_positive=0.3, tau_negative=7.0), old_log_probs=NEW)
    np.testing.assert_allclose(outcome[2], -SIGNS, rtol=1e-14)


def test_remax_is_measured_from_the_greedy_score(autodiff):
    value, weight, gradient = on_one_group(autodiff, ReMax(), baseline_scores=5.25)
    advantages = SCORES - 5.25
    np.testing.assert_allclose(value, -(advantages * NEW).sum(), rtol=1e-14)
    np.testing.assert_allclose(gradient, -advantages, rtol=1e-14)
    assert weight == 4


def test_remax_pays_for_leaving_the_reference(autodiff):
    given = {"baseline_scores": 5.0, "ref_log_probs": OLD - [1.0, 0.0, -2.0, 30.0]}
    _, _, gradient = on_one_group(autodiff, ReMax(kl=0.5), **given)
    # Log-ratios are followed for 20 nats.
    np.testing.assert_allclose(gradient, [-1 + 0.5, 0, -1, -1 + 10], rtol=1e-13, atol=1e-15)
    _, _, gradient = on_one_group(autodiff, ReMax(kl=0.0), **given)
    np.testing.assert_allclose(gradient, [-1, 0, 0, -1], rtol=1e-14, atol=1e-15)


def test_remax_can_learn_from_one_candidate(autodiff):
    given = {"scores": [[2.0]], "old_log_probs": [[-1.0]], "baseline_scores": [0.5]}
    given = {name: np.asarray(values) for name, values in given.items()}
    outcome = run(autodiff, ReMax(), np.asarray([[-3.0]]), **given)
    np.testing.assert_allclose(outcome.value, [4.5], rtol=1e-15)
    np.testing.assert_allclose(outcome.gradient, [[-1.5]], rtol=1e-15)


def test_reinforce_plus_plus_whitens_penalised_scores(autodiff):
    reference = OLD - [1.0, 0.0, 0.0, -4.0]
    penalised = [5.5, 5.0, 5.0, 8.0]
    whitened = [(a - fmean(penalised)) / pstdev(penalised) for a in penalised]
    _, _, gradient = on_one_group(autodiff, REINFORCEPlusPlus(clip=9.0, kl=0.5), ref_log_probs=reference)
    expected = [-ratio * a for ratio, a in zip([2, 1, 2 / 3, 1], whitened, strict=True)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-13)


def test_maxrl_gives_each_success_the_same_total_weight(autodiff):
    scores = np.asarray([[1.0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0], [-1, -1, 0, 0]])
    old = np.zeros(scores.shape)
    outcome = run(autodiff, MaxRL(), old, scores=scores, old_log_probs=old)
    expected = [[-3, 1, 1, 1], [-1, -1, 1, 1], [-1 / 3, -1 / 3, -1 / 3, 1], [0] * 4, [0] * 4, [0] * 4]
    np.testing.assert_allclose(outcome.gradient, expected, rtol=1e-14, atol=1e-15)


def test_rloo_subtracts_the_mean_of_the_others(autodiff):
    scores = np.asarray([[3.0, 1.0, 8.0, 1e9]])
    given = {"old_log_probs": np.zeros((1, 4)), "mask": np.asarray([[True, True, True, False]])}
    outcome = run(autodiff, RLOO(), np.zeros((1, 4)), scores=scores, **given)
    np.testing.assert_allclose(outcome.gradient, [[1.5, 4.5, -6, 0]], rtol=1e-14)
    assert outcome.weight == 3


# With the signs of the scores turned, the first candidate has a negative advantage and a ratio of 2.
@pytest.mark.parametrize(
    ("dual_clip", "value", "slope"),
    [(0.0, 1.0, 1.0), (3.0, 1.0, 1.0), (1.5, 0.75, 0.0)],
)
def test_a_dual_clip_bounds_the_loss_where_the_advantage_is_negative(autodiff, dual_clip, value, slope):
    outcome = on_one_group(autodiff, PPO(dual_clip=dual_clip), scores=-SCORES)
    np.testing.assert_allclose(outcome[0], value - 0.5 - 1 / 3 + 0.5, rtol=1e-14)
    np.testing.assert_allclose(outcome[2], [slope, -0.5, -1 / 3, 0.5], rtol=1e-14)


@pytest.mark.parametrize("cls", [DAPO, GPG])
def test_tied_groups_can_count_for_nothing(autodiff, cls):
    scores = np.stack([SCORES, np.ones(4)])
    given = {"scores": scores, "old_log_probs": np.stack([OLD, OLD])}
    skipping, counting = (run(autodiff, cls(skip_tied=skip), np.stack([NEW, NEW]), **given) for skip in (True, False))
    np.testing.assert_array_equal(skipping.value, counting.value)
    np.testing.assert_array_equal(skipping.weight, [4, 0])
    np.testing.assert_array_equal(counting.weight, [4, 4])
