"""The temperature that MPO and V-MPO find for each group."""

import math
from statistics import fmean

import numpy as np
import pytest

from tpo import MPO, VMPO, Group, InvalidTypeError


def weights_of(algorithm, advantages, **given):
    """The weights over each group of `advantages`."""
    group = Group(scores=advantages, old_log_probs=np.zeros_like(advantages), advantages=advantages, **given)
    return algorithm.prepare(group).weights


def divergence(weights, number):
    """KL of the weights from uniform over `number` candidates."""
    return (weights * np.log(np.where(weights > 0, weights, 1))).sum(-1) + np.log(number)


@pytest.mark.parametrize("epsilon", [1e-3, 0.01, 0.1, 0.6])
def test_without_a_temperature_the_weights_are_epsilon_from_uniform(epsilon):
    rng = np.random.default_rng(2)
    advantages = rng.normal(size=(40, 8)) * 10.0 ** rng.uniform(-6, 6, (40, 1)) + 10
    np.testing.assert_allclose(divergence(weights_of(MPO(epsilon=epsilon), advantages), 8), epsilon, rtol=1e-8)
    np.testing.assert_allclose(divergence(weights_of(VMPO(epsilon=epsilon), advantages), 4), epsilon, rtol=1e-8)


def test_the_temperature_is_the_minimum_of_the_dual():
    advantages = np.random.default_rng(3).normal(size=(1, 6))
    weights = weights_of(MPO(epsilon=0.2), advantages)[0]
    # Two weights give the temperature back.
    eta = (advantages[0, 0] - advantages[0, 1]) / math.log(weights[0] / weights[1])
    dual = [g * 0.2 + g * math.log(fmean(np.exp(advantages[0] / g).tolist())) for g in (0.99 * eta, eta, 1.01 * eta)]
    assert dual[1] < min(dual[0], dual[2])


def test_masked_candidates_take_no_part_in_the_temperature():
    advantages = np.asarray([[1.0, 2.0, 4.0, np.nan, np.inf]])
    mask = np.asarray([[True, True, True, False, False]])
    scores = np.zeros_like(advantages)
    group = Group(scores=scores, old_log_probs=scores, advantages=advantages, mask=mask)
    plain = weights_of(MPO(), advantages[:, :3])
    np.testing.assert_allclose(MPO().prepare(group).weights, [[*plain[0], 0, 0]], rtol=1e-13, atol=0)


def test_an_epsilon_that_no_temperature_reaches_leaves_the_best_alone():
    weights = weights_of(MPO(epsilon=2.0), np.asarray([[0.0, 1.0, 1.0], [0.0, 0.5, 1.0], [7.0, 7.0, 7.0]]))
    np.testing.assert_array_equal(weights, [[0, 0.5, 0.5], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3]])


@pytest.mark.parametrize("algorithm", [MPO, VMPO])
def test_the_bound_must_be_a_number(algorithm):
    with pytest.raises(InvalidTypeError, match="`epsilon` must be a number"):
        algorithm(epsilon=None)
