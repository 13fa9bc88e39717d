"""The policy-gradient methods on tokens, against loops over plain numbers."""

import math
from statistics import fmean, pstdev

import numpy as np
import pytest

from tests.core.algorithms import run
from tpo import (
    CISPO,
    DAPO,
    GPG,
    GSPO,
    PPO,
    REINFORCE,
    RLOO,
    SAPO,
    DrGRPO,
    GroupPG,
    MaxRL,
    REINFORCEPlusPlus,
    ReMax,
)

LENGTHS = (1, 4, 2)
T = 5
SCORES = [0.7, 0.1, 0.5]
BASELINE = 0.3
RNG = np.random.default_rng(5)
OLD, NEW, REFERENCE = (RNG.normal(size=(3, 3, T)) * 0.5 - 1).tolist()
TOKENS = [(i, t) for i, length in enumerate(LENGTHS) for t in range(length)]
RATIOS = {(i, t): math.exp(NEW[i][t] - OLD[i][t]) for i, t in TOKENS}
SEQUENCE_RATIOS = [math.exp(fmean(NEW[i][t] - OLD[i][t] for t in range(n))) for i, n in enumerate(LENGTHS)]


def each(scores):
    """One advantage per token of each candidate."""
    return {(i, t): scores[i] for i, t in TOKENS}


CENTRED = each([s - fmean(SCORES) for s in SCORES])
STANDARDIZED = each([(s - fmean(SCORES)) / pstdev(SCORES) for s in SCORES])
OTHERS = each([s - (sum(SCORES) - s) / 2 for s in SCORES])
OVER_MEAN = each([(s - fmean(SCORES)) / fmean(SCORES) for s in SCORES])


def to_go(i, t):
    """The log-ratio to the reference, summed from a token on."""
    return sum(OLD[i][s] - REFERENCE[i][s] for s in range(t, LENGTHS[i]))


def whitened(values):
    return {key: (v - fmean(values.values())) / pstdev(values.values()) for key, v in values.items()}


ABOVE_GREEDY = {(i, t): SCORES[i] - BASELINE - 0.2 * to_go(i, t) for i, t in TOKENS}
WHITENED = whitened({(i, t): SCORES[i] - 0.2 * to_go(i, t) for i, t in TOKENS})


def score_function(a, i, t):
    return -a * NEW[i][t], -a


def clipped_by(low, high):
    def surrogate(a, i, t):
        ratio = RATIOS[i, t]
        bounded = min(max(ratio, 1 - low), 1 + high)
        return (-ratio * a, -ratio * a) if ratio * a <= bounded * a else (-bounded * a, 0.0)

    return surrogate


def weighted_by(low, high):
    def weighted(a, i, t):
        weight = min(max(RATIOS[i, t], 1 - low), 1 + high)
        return -weight * a * NEW[i][t], -weight * a

    return weighted


def gated(a, i, t):
    tau = 1.0 if a > 0 else 1.05
    gate = 1 / (1 + math.exp(-tau * (RATIOS[i, t] - 1)))
    return -4 / tau * gate * a, -4 * gate * (1 - gate) * RATIOS[i, t] * a


def of_sequences(low, high):
    def surrogate(a, i, _):
        ratio = SEQUENCE_RATIOS[i]
        bounded = min(max(ratio, 1 - low), 1 + high)
        return (-ratio * a, -ratio * a) if ratio * a <= bounded * a else (-bounded * a, 0.0)

    return surrogate


# By reduction: what the loss of a token is divided by, and the weight of the group.
REDUCTIONS = {
    "token-mean": ([1, 1, 1], 7),
    "seq-mean-token-mean": (LENGTHS, 3),
    "seq-mean-token-sum": ([1, 1, 1], 3),
    "group-mean-token-sum": ([1, 1, 1], 1),
}
CASES = [
    (REINFORCE(), CENTRED, score_function, "token-mean"),
    (RLOO(), OTHERS, score_function, "seq-mean-token-sum"),
    (MaxRL(), OVER_MEAN, score_function, "seq-mean-token-sum"),
    (GroupPG(), STANDARDIZED, score_function, "group-mean-token-sum"),
    (GPG(), CENTRED, score_function, "token-mean"),
    (ReMax(kl=0.2), ABOVE_GREEDY, score_function, "seq-mean-token-sum"),
    (ReMax(kl=0.2, reduction="seq-mean-token-mean"), ABOVE_GREEDY, score_function, "seq-mean-token-mean"),
    (REINFORCEPlusPlus(kl=0.2), WHITENED, clipped_by(0.2, 0.2), "token-mean"),
    (PPO(), CENTRED, clipped_by(0.2, 0.2), "token-mean"),
    (DrGRPO(), CENTRED, clipped_by(0.2, 0.2), "seq-mean-token-sum"),
    (DAPO(), STANDARDIZED, clipped_by(0.2, 0.28), "token-mean"),
    (CISPO(), STANDARDIZED, weighted_by(1, 4), "token-mean"),
    (CISPO(clip_low=0.1, clip_high=0.3), STANDARDIZED, weighted_by(0.1, 0.3), "token-mean"),
    (SAPO(), STANDARDIZED, gated, "seq-mean-token-mean"),
    (GSPO(), STANDARDIZED, of_sequences(3e-4, 4e-4), "seq-mean-token-mean"),
    (GSPO(clip_low=0.9, clip_high=9.0), STANDARDIZED, of_sequences(0.9, 9.0), "seq-mean-token-mean"),
]


each_case = pytest.mark.parametrize(
    ("algorithm", "advantages", "loss_of", "reduction"), CASES, ids=[str(case[0]) for case in CASES]
)


@each_case
def test_value_weight_and_gradient(autodiff, algorithm, advantages, loss_of, reduction):
    divisors, weight = REDUCTIONS[reduction]
    value, gradient = 0.0, np.zeros((3, T))
    for i, t in TOKENS:
        loss, slope = loss_of(advantages[i, t], i, t)
        value += loss / divisors[i]
        gradient[i, t] = slope / divisors[i]
    given = {
        "scores": np.asarray(SCORES),
        "old_log_probs": np.asarray(OLD),
        "ref_log_probs": np.asarray(REFERENCE),
        "baseline_scores": np.asarray(BASELINE),
        "token_mask": np.arange(T) < np.asarray(LENGTHS)[:, None],
    }
    outcome = run(autodiff, algorithm, np.asarray(NEW), **given)
    np.testing.assert_allclose(outcome.value, value, rtol=1e-12)
    assert outcome.weight == weight
    np.testing.assert_allclose(outcome.gradient, gradient, rtol=1e-12, atol=1e-15)


def test_the_cases_meet_both_sides_of_every_clip():
    crossed = {(ratio > 1, STANDARDIZED[key] > 0) for key, ratio in RATIOS.items() if abs(ratio - 1) > 0.3}
    assert len(crossed) == 4
    assert len({(ratio > 1, STANDARDIZED[i, 0] > 0) for i, ratio in enumerate(SEQUENCE_RATIOS)}) == 3
