"""The suite of tasks on those of episodes, and that they are learned."""

import numpy as np
import pytest

import tpo
from tpo.testing import TaskSuite
from tpo_tasks.episodes.cart_pole import CartPole
from tpo_tasks.episodes.knapsack import Knapsack


class TestCartPole(TaskSuite):
    arms = ("tpo", "grpo")

    @pytest.fixture
    def task(self):
        return CartPole(steps=16)


class TestKnapsack(TaskSuite):
    arms = ("tpo", "grpo")

    @pytest.fixture
    def task(self):
        return Knapsack(items=4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "least"), [(CartPole(steps=60), 0.3), (Knapsack(items=6), 0.15)], ids=["cart-pole", "knapsack"]
)
def test_the_score_rises_over_seeds(task, least):
    errors = [
        result.metrics.error
        for result in tpo.train(task, task.arms["tpo"], tpo.backend("jax"), seeds=[0, 1, 2], steps=20)
    ]
    gains = errors[0] - np.mean(errors[-5:], axis=0)
    assert gains.min() >= least
