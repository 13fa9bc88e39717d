"""Cart and pole: the motion is Gymnasium's, and scores are shares of the steps that the pole stayed up."""

import math

import numpy as np
import pytest

import tpo
from tpo_tasks.episodes.cart_pole import CartPole
from tpo_tasks.episodes.episodes import EPISODE_LENGTH

START = (0.01, -0.02, 0.03, 0.04)
GYMNASIUM = {
    1: (0.009600000000000001, 0.17467919574755525, 0.030799999999999998, -0.2430687179600081),
    0: (0.013093583914951107, -0.020868848948191993, 0.025938625640799837, 0.0591679999394166),
}
"""States of CartPole in Gymnasium 1.4.0 after a push to the right, and then one to the left."""

FALLEN = (0.18148412486073115, 1.9330643896994748, -0.2235691808247548, -2.984082745435586)
"""The state in which the episode ends under pushes to the right alone, after ten steps."""


def push(state, action):
    after, ends = CartPole().advance(np, {}, (np.asarray(state)[None, None, None],), np.asarray([[[action]]]))
    return after[0][0, 0, 0], bool(ends[0, 0, 0])


def test_a_step_is_that_of_gymnasium():
    state = START
    for action, expected in GYMNASIUM.items():
        state, ends = push(state, action)
        assert state == pytest.approx(expected, rel=1e-12)
        assert not ends


def test_the_pole_falls_when_it_does_in_gymnasium():
    state, ended = START, []
    for _ in range(10):
        state, ends = push(state, 1)
        ended.append(ends)
    assert ended == [False] * 9 + [True]
    assert state == pytest.approx(FALLEN, rel=1e-12)


@pytest.mark.parametrize("place", [2.41, -2.41])
def test_the_cart_must_stay(place):
    assert push((place, 0.0, 0.0, 0.0), 1)[1]
    assert not push((place / 2, 0.0, 0.0, 0.0), 1)[1]


def test_scores_are_shares_of_the_steps(autodiff):
    task = CartPole(steps=30)
    arm = task.arms["tpo"]
    assert arm.grouping == "sequence"
    randomness = tpo.Randomness(0, 0)
    params = {name: autodiff.asarray(value[None]) for name, value in task.initial_parameters(randomness).items()}
    inputs = {name: autodiff.asarray(value[None]) for name, value in task.inputs(randomness, arm).items()}
    rollout = task.rollout(autodiff, params, inputs, arm)
    seen, action, mask = (autodiff.to_numpy(array) for array in rollout.data)
    scores = autodiff.to_numpy(rollout.scores)
    assert scores.shape == (1, 4, 16)
    assert scores == pytest.approx(mask.sum(-1) / 30)
    assert autodiff.to_numpy(rollout.more[EPISODE_LENGTH]) == pytest.approx(mask.sum(-1).mean())
    for start, episode in ((0, 3), (2, 7)):
        state, ends, steps = seen[0, start, episode, 0], False, 0
        while not ends and steps < 30:
            assert seen[0, start, episode, steps] == pytest.approx(state)
            state, ends = push(state, action[0, start, episode, steps])
            steps += 1
        assert mask[0, start, episode].tolist() == [True] * steps + [False] * (30 - steps)


def test_log_probs_are_sums_over_the_steps(autodiff):
    task = CartPole(steps=12)
    arm = task.arms["tpo"]
    randomness = tpo.Randomness(1, 0)
    params = {name: autodiff.asarray(value[None]) for name, value in task.initial_parameters(randomness).items()}
    inputs = {name: autodiff.asarray(value[None]) for name, value in task.inputs(randomness, arm).items()}
    data = task.rollout(autodiff, params, inputs, arm).data
    found = autodiff.to_numpy(task.log_probs(autodiff, params, data, arm))
    seen, action, mask = (autodiff.to_numpy(array) for array in data)
    host = {name: autodiff.to_numpy(value)[0] for name, value in params.items()}
    x = seen[0]
    for number in range(3):
        x = x @ host[f"layers.{number}.kernel"] + host[f"layers.{number}.bias"]
        x = np.maximum(x, 0) if number < 2 else x
    log_probs = x - np.log(np.exp(x).sum(-1, keepdims=True))
    taken = np.take_along_axis(log_probs, action[0][..., None], -1)[..., 0]
    assert found[0] == pytest.approx((taken * mask[0]).sum(-1), rel=1e-9)


def test_wrong_options_are_errors():
    with pytest.raises(tpo.InvalidArgumentError, match="`steps` must be at least 1; got 0"):
        CartPole(steps=0)
    assert CartPole().longest == 200
    assert math.isclose(CartPole().score(np, {}, (), np.asarray(50.0)), 0.25)
