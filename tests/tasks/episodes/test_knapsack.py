"""Knapsack: packings are scored by their value over the best, and by 0 if they exceed the capacity."""

import numpy as np
import pytest

import tpo
from tpo_tasks.episodes.knapsack import Knapsack, best_values


def test_the_best_packing_by_hand():
    weights = np.asarray([[0.5, 0.3, 0.4], [0.9, 0.8, 0.7]])
    values = np.asarray([[1.0, 0.6, 0.7], [1.0, 1.0, 1.0]])
    assert best_values(weights, values, np.asarray([0.8, 0.1])).tolist() == [1.6, 0.0]


def test_the_room_is_a_share_of_the_weight():
    found = Knapsack(items=4, capacity=0.25).starts(np.random.default_rng(0), 3)
    assert found["room"] == pytest.approx(found["weights"].sum(-1) / 4)
    assert (found["best"] >= 0).all()


@pytest.mark.parametrize("items", [2, 3, 12])
def test_at_the_least_capacity_an_item_fits_into_every_knapsack(items):
    found = Knapsack(items=items, capacity=1 / items).starts(np.random.default_rng(0), 500)
    assert (found["best"] >= 0.1).all()


def test_scores_are_those_of_the_packings(autodiff):
    task = Knapsack(items=6)
    arm = task.arms["tpo"]
    randomness = tpo.Randomness(3, 0)
    host = task.inputs(randomness, arm)
    params = {name: autodiff.asarray(value[None]) for name, value in task.initial_parameters(randomness).items()}
    inputs = {name: autodiff.asarray(value[None]) for name, value in host.items()}
    rollout = task.rollout(autodiff, params, inputs, arm)
    seen, action, mask = (autodiff.to_numpy(array)[0] for array in rollout.data)
    scores = autodiff.to_numpy(rollout.scores)[0]
    burst = 0
    for start in range(arm.batch_size):
        weights, values = host["weights"][start], host["values"][start]
        for episode in range(arm.group_size):
            room, value, steps = host["room"][start], 0.0, 0
            for item in range(6):
                expected = (
                    weights[item],
                    values[item],
                    room,
                    weights[item + 1 :].sum() / 6,
                    values[item + 1 :].sum() / 6,
                )
                assert seen[start, episode, item] == pytest.approx((*expected, item / 6))
                steps += 1
                room -= action[start, episode, item] * weights[item]
                value += action[start, episode, item] * values[item]
                if room < 0:
                    value = 0.0
                    break
            burst += room < 0
            assert mask[start, episode].tolist() == [True] * steps + [False] * (6 - steps)
            assert scores[start, episode] == pytest.approx(value / host["best"][start])
    assert 0 < burst < arm.batch_size * arm.group_size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"items": 1}, "`items` must be from 2 to 16; got 1"),
        ({"items": 17}, r"got 17\. Choose one in this range: all 2\*\*items packings are tried to find the best\."),
        ({"capacity": 1.0}, r"must be at least 1 / items \(0\.084\) and below 1; got 1\.0\. It is a share"),
        (
            {"items": 2, "capacity": 0.3},
            r"at least 1 / items \(0\.5\) and below 1; got 0\.3\. .* with less, it may be that none of them fits\.",
        ),
        ({"items": 3, "capacity": 0.333}, r"at least 1 / items \(0\.334\) and below 1; got 0\.333"),
        ({"capacity": float("nan")}, "got nan"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(tpo.InvalidArgumentError, match=message):
        Knapsack(**options)
