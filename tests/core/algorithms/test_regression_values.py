"""The regression and target methods on small groups, worked by hand or by plain loops."""

import itertools
import math
from statistics import fmean

import numpy as np
import pytest

from tests.core.algorithms import REGRESSIONS, run
from tpo import AWR, GVPO, MDPO, MPO, PMPO, REBEL, RSBP, TPO, TRPO, VMPO, Group

OLD = np.log([0.1, 0.2, 0.3, 0.4])
NEW = np.log([0.2, 0.2, 0.2, 0.4])
LOG2, LOG_2_3 = math.log(2), math.log(2 / 3)
# The ratios are 2, 1, 2/3 and 1, the log-ratios log 2, 0, log 2/3 and 0; centred, the scores are 1/2, -1/2, -1/2, 1/2.
SCORES = np.asarray([6.0, 5.0, 5.0, 6.0])
ADVANTAGES = np.log([2.0, 1.0, 100.0, 0.25])


def on_one_group(autodiff, algorithm, log_probs=NEW, **changed):
    """Value, weight and gradient on the group above, with the fields in `changed` replaced."""
    given = {"scores": SCORES, "old_log_probs": OLD, **changed}
    outcome = run(autodiff, algorithm, log_probs[None], **{name: values[None] for name, values in given.items()})
    return outcome.value[0], outcome.weight[0], outcome.gradient[0]


CASES = [
    (TRPO(), -math.log(4 / 3), 4, [0, 1 / 2, 0, -1 / 2]),
    (TRPO(kl=0.5), -2 / 3 + (2 / 3 - math.log(4 / 3)) / 2, 4, [-1 / 2, 1 / 2, 1 / 6, -1 / 2]),
    (TRPO(kl=0.0), -2 / 3, 4, [-1, 1 / 2, 1 / 3, -1 / 2]),
    (
        MDPO(step_size=0.5),
        -2 / 3 + 2 * (2 * LOG2 - 1 + 2 / 3 * LOG_2_3 + 1 / 3),
        4,
        [-1 + 4 * LOG2, 1 / 2, 1 / 3 + 4 / 3 * LOG_2_3, -1 / 2],
    ),
    # Accepted are the first and the last, rejected the second and the third.
    (PMPO(beta=0.0), -math.log(2) / 4, 1, [-1 / 4, 1 / 4, 1 / 4, -1 / 4]),
    (PMPO(alpha=1.0, beta=0.0), -math.log(0.08) / 2, 1, [-1 / 2, 0, 0, -1 / 2]),
    (
        PMPO(alpha=0.25, beta=0.4),
        -math.log(0.08) / 8 + math.log(0.2) * 3 / 4 + (2 / 3 - math.log(4 / 3)) / 10,
        1,
        [-1 / 8 + 1 / 10, 3 / 8, 3 / 8 - 1 / 30, -1 / 8],
    ),
]


@pytest.mark.parametrize(("algorithm", "value", "weight", "gradient"), CASES, ids=lambda case: str(case)[:24])
def test_value_weight_and_gradient(autodiff, algorithm, value, weight, gradient):
    outcome = on_one_group(autodiff, algorithm)
    np.testing.assert_allclose(outcome[0], value, rtol=1e-14)
    assert outcome[1] == weight
    np.testing.assert_allclose(outcome[2], gradient, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_rebel_is_the_mean_squared_error_over_all_pairs(autodiff, size):
    new, old, scores = np.random.default_rng(size).normal(size=(3, size))
    eta = 0.7
    x = [(float(n) - float(o)) / eta - float(s) for n, o, s in zip(new, old, scores, strict=True)]
    pairs = list(itertools.combinations(range(size), 2))
    slope = [fmean([2 * (x[i] - x[j]) * ((k == i) - (k == j)) / eta for i, j in pairs]) for k in range(size)]
    value, weight, gradient = on_one_group(autodiff, REBEL(eta=eta), new, scores=scores, old_log_probs=old)
    np.testing.assert_allclose(value, fmean([(x[i] - x[j]) ** 2 for i, j in pairs]), rtol=1e-13)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12, atol=1e-14)
    assert weight == 1


@pytest.mark.parametrize("with_reference", [False, True])
def test_gvpo_is_half_the_variance_of_the_unexplained_score(autodiff, with_reference):
    new, old, scores, reference = np.random.default_rng(1).normal(size=(4, 5))
    source = reference if with_reference else old
    errors = [0.3 * (float(n) - float(o)) - float(s) for n, o, s in zip(new, source, scores, strict=True)]
    errors = [error - fmean(errors) for error in errors]
    given = {"ref_log_probs": reference} if with_reference else {}
    value, _, gradient = on_one_group(autodiff, GVPO(beta=0.3), new, scores=scores, old_log_probs=old, **given)
    np.testing.assert_allclose(value, sum(error**2 for error in errors) / 2 / 4, rtol=1e-13)
    np.testing.assert_allclose(gradient, [0.3 * error / 4 for error in errors], rtol=1e-12)


@pytest.mark.parametrize("algorithm", [REBEL(eta=0.5), GVPO(beta=2.0)])
def test_the_squared_losses_vanish_where_log_ratios_are_scores_times_eta(autodiff, algorithm):
    value, _, gradient = on_one_group(autodiff, algorithm, OLD + 0.5 * SCORES + 30.0)
    assert value < 1e-28
    np.testing.assert_allclose(gradient, 0, atol=1e-14)


def test_a_candidate_without_a_log_ratio_is_left_out_of_the_squared_losses(autodiff):
    new = np.asarray([0.3, -np.inf, -0.4, -1.0])
    value, weight, gradient = on_one_group(autodiff, REBEL(), new)
    kept = [0, 2, 3]
    expected = on_one_group(autodiff, REBEL(), new[kept], scores=SCORES[kept], old_log_probs=OLD[kept])
    np.testing.assert_allclose((value, weight), expected[:2], rtol=1e-14)
    np.testing.assert_allclose(gradient[kept], expected[2], rtol=1e-14)
    assert gradient[1] == 0


def test_a_group_without_a_pair_weighs_nothing_in_the_squared_losses(autodiff):
    old = np.asarray([-0.5, -np.inf, -np.inf, -np.inf])
    assert on_one_group(autodiff, REBEL(), old_log_probs=old)[:2] == (0, 0)


def test_awr_weighs_by_the_exponential_of_the_advantage_and_cuts_off(autodiff):
    weights = np.asarray([2.0, 1.0, 20.0, 0.25])
    value, weight, gradient = on_one_group(autodiff, AWR(), advantages=ADVANTAGES)
    np.testing.assert_allclose(value, -(weights * NEW).sum(), rtol=1e-14)
    np.testing.assert_allclose(gradient, -weights, rtol=1e-14)
    assert weight == 4
    halved = on_one_group(autodiff, AWR(beta=2.0, max_weight=5.0), advantages=np.asarray([0.0, 2.0, -2.0, 1e6]))
    np.testing.assert_allclose(halved[2], [-1, -math.e, -1 / math.e, -5], rtol=1e-14)


def test_rsbp_weighs_by_the_softmax_of_scores_over_the_temperature(autodiff):
    weights = np.asarray([4, 1, 1, 4]) / 10
    value, weight, gradient = on_one_group(autodiff, RSBP(beta=1 / math.log(4)))
    np.testing.assert_allclose(value, -(weights * NEW).sum(), rtol=1e-14)
    np.testing.assert_allclose(gradient, -weights, rtol=1e-13)
    assert weight == 1


def test_rsbp_goes_on_where_the_policy_has_met_the_target_and_tpo_stops(autodiff):
    # The standardized scores are 1, -1, -1, 1: for TPO the temperature in units of the scores is a half.
    at_the_target = OLD + 2 * SCORES
    pulls = [on_one_group(autodiff, algorithm, at_the_target)[2] for algorithm in (TPO(), RSBP(beta=0.5))]
    np.testing.assert_allclose(pulls[0], 0, atol=1e-15)
    tilt = np.exp(2 * SCORES)
    np.testing.assert_allclose(pulls[1], -tilt / tilt.sum(), rtol=1e-13)


def test_the_weights_of_rsbp_are_over_the_valid_candidates(autodiff):
    old, mask = np.asarray([*OLD[:2], -np.inf, OLD[3]]), np.asarray([True, True, True, False])
    gradient = on_one_group(autodiff, RSBP(), old_log_probs=old, mask=mask)[2]
    np.testing.assert_allclose(gradient, [-math.e / (math.e + 1), -1 / (math.e + 1), 0, 0], rtol=1e-14)


def test_mpo_weighs_by_the_softmax_of_advantages_over_the_temperature(autodiff):
    weights = np.asarray([4, 1, 10_000, 1 / 16]) / (10_005 + 1 / 16)
    value, weight, gradient = on_one_group(autodiff, MPO(eta=0.5), advantages=ADVANTAGES)
    np.testing.assert_allclose(value, -(weights * NEW).sum(), rtol=1e-14)
    np.testing.assert_allclose(gradient, -weights, rtol=1e-13)
    assert weight == 1
    penalised = on_one_group(autodiff, MPO(eta=0.5, kl=0.4), advantages=ADVANTAGES)
    np.testing.assert_allclose(penalised[0], value + 0.1 * (2 / 3 - math.log(4 / 3)), rtol=1e-14)
    np.testing.assert_allclose(penalised[2] - gradient, [0.1, 0, -1 / 30, 0], rtol=1e-12, atol=1e-15)


HALVES = [
    ([1.0, 3.0, 2.0, 0.0], [0, 1, 1, 0]),
    ([1.0, 1.0, 2.0, 1.0], [1, 1, 1, 1]),  # ties with the last of the half belong to it
    ([1.0, 3.0, 2.0, 5.0, 4.0], [0, 0, 0, 1, 1]),
    ([0.0, 0.5], [0, 1]),
]


@pytest.mark.parametrize(("advantages", "half"), HALVES)
def test_v_mpo_weighs_the_better_half(autodiff, advantages, half):
    terms = [chosen * math.exp(a / 2) for a, chosen in zip(advantages, half, strict=True)]
    zeros = np.zeros(len(half))
    given = {"scores": zeros, "old_log_probs": zeros, "advantages": np.asarray(advantages)}
    gradient = on_one_group(autodiff, VMPO(eta=2.0), zeros, **given)[2]
    np.testing.assert_allclose(gradient, [-term / sum(terms) for term in terms], rtol=1e-14, atol=0)


MEDIANS = [
    ([0.0, 0.0, 0.0, 10.0], "mean", [1 / 6, 1 / 6, 1 / 6, -1 / 2]),
    ([0.0, 0.0, 0.0, 10.0], "median", [0, 0, 0, -1 / 2]),
    ([0.0, 1.0, 2.0, 10.0], "median", [1 / 4, 1 / 4, -1 / 4, -1 / 4]),
    ([0.1, 0.2, 0.3], "mean", [1 / 2, 0, -1 / 2]),
    ([0.1, 0.7, 0.2], "median", [1 / 2, -1 / 2, 0]),
]


@pytest.mark.parametrize(("scores", "threshold", "gradient"), MEDIANS)
def test_pmpo_accepts_above_its_threshold_and_ignores_what_is_at_it(autodiff, scores, threshold, gradient):
    zeros = np.zeros(len(scores))
    outcome = on_one_group(autodiff, PMPO(threshold=threshold), zeros, scores=np.asarray(scores), old_log_probs=zeros)
    np.testing.assert_allclose(outcome[2], gradient, rtol=1e-14, atol=0)


def test_pmpo_is_pulled_to_its_reference_where_there_is_one(autodiff):
    reference = np.log([0.4, 0.2, 0.2, 0.2])
    _, _, gradient = on_one_group(autodiff, PMPO(beta=1.0), ref_log_probs=reference)
    np.testing.assert_allclose(gradient, [-1 / 4 - 1 / 8, 1 / 4, 1 / 4, -1 / 4 + 1 / 4], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("algorithm", [TRPO(kl=0.5), MDPO(step_size=0.5)])
def test_the_trust_region_methods_take_tokens(autodiff, algorithm):
    # The second candidate has one token; what stands in its empty slots counts for nothing.
    mask = np.asarray([[[True, True], [True, False]]])
    old = np.log([[[0.5, 0.1], [0.2, 1.0]]])
    new = np.log([[[0.5, 0.2], [0.1, 1.0]]])
    given = {"scores": np.asarray([[2.0, 0.0]]), "old_log_probs": old, "token_mask": mask}
    outcome = run(autodiff, algorithm, new, **given)
    # The same tokens as candidates of one group, with the scores that give their advantages of 1, 1 and -1.
    r = np.asarray([1.0, 2.0, 0.5])
    a = np.asarray([1.0, 1.0, -1.0])
    divergence, slope = {
        TRPO: ((r - 1 - np.log(r)) * 0.5, (r - 1) * 0.5),
        MDPO: ((r * np.log(r) - r + 1) * 2, r * np.log(r) * 2),
    }[type(algorithm)]
    np.testing.assert_allclose(outcome.value, [(divergence - r * a).sum()], rtol=1e-14)
    assert outcome.weight[0] == 3
    np.testing.assert_allclose(outcome.gradient[mask], slope - r * a, rtol=1e-14)
    assert outcome.gradient[0, 1, 1] == 0


@pytest.mark.parametrize("algorithm", REGRESSIONS, ids=str)
def test_the_values_are_the_same_in_every_library(backend, algorithm):
    names = ("log_probs", "old_log_probs", "ref_log_probs", "advantages")
    given = dict(zip(names, np.random.default_rng(4).normal(size=(4, 3, 5)), strict=True))
    given["scores"] = np.asarray([[0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 1.0, 1.0], [5.0, 5.0, 5.0, 5.0, 5.0]])
    given["mask"] = np.asarray([[True] * 5, [True] * 4 + [False], [False] * 5])

    def loss(log_probs, **group):
        return algorithm.loss(log_probs, algorithm.prepare(Group(**group)))

    own = {name: backend.array(values, "bool" if name == "mask" else "float64") for name, values in given.items()}
    for got, expected in zip(backend.compile(loss)(**own), loss(**given), strict=True):
        np.testing.assert_allclose(backend.numpy(got), expected, rtol=1e-12, atol=1e-14)
