"""Supervision before step 0: the same for every run of a seed, by hand, and honoured by the trainer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tpo import Arm, Randomness, Rollout, WarmUp, train
from tpo.plugins import registry
from tpo.training.trainer import Training
from tpo.training.warm_up import Starts, is_warmed_up

ARM = Arm(algorithm="tpo", grouping="sequence", epochs=1, batch_size=1, learning_rate=1e-9, optimizer="sgd")
RATE = 0.1


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A point that supervision moves to a target drawn per step; its rollouts teach nothing."""

    supervised_steps: int = 1
    matrices = ()

    @property
    def arms(self):
        return {"tpo": ARM}

    @property
    def warm_up(self):
        return WarmUp(steps=self.supervised_steps, learning_rate=RATE)

    def examples(self, randomness):
        return {"target": randomness.generator("examples").normal(size=3)}

    def supervised_loss(self, backend, params, examples):
        xp = backend.namespace()
        return xp.sum((params["point"] - examples["target"]) ** 2, axis=-1)

    def check(self, arm):
        del arm

    def initial_parameters(self, randomness):
        return {"point": randomness.generator("parameters").normal(size=3)}

    def inputs(self, randomness, arm):
        return {"noise": randomness.generator("sampling").normal(size=(1, arm.group_size))}

    def rollout(self, backend, params, inputs, arm):
        del backend, params, arm
        return Rollout(inputs["noise"], inputs["noise"] * 0, inputs["noise"][:, 0, 0] * 0)

    def log_probs(self, backend, params, data, arm):
        del backend, arm
        return data * params["point"][:, :1, None] * 0


def by_hand(seed, steps):
    """Adam (Kingma and Ba 2015, algorithm 1) on the squared distance."""
    point = Randomness(seed).generator("parameters").normal(size=3)
    first, second = np.zeros(3), np.zeros(3)
    for step in range(steps):
        gradient = 2 * (point - Randomness(seed, step).generator("examples").normal(size=3))
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        mean, square = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        point = point - RATE * mean / (np.sqrt(square) + 1e-8)
    return point


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_it_takes_steps_of_adam_on_the_examples_of_each_step(backend):
    start = Starts(Follower(supervised_steps=7), registry.backend(backend), "float64")
    for seed in (0, 3):
        np.testing.assert_allclose(start(seed)["point"], by_hand(seed, 7), rtol=1e-9)


def test_it_is_told_after_each_step():
    told = []
    Starts(Follower(supervised_steps=3), registry.backend("torch"), "float32")(0, lambda *one: told.append(one))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_without_supervision_parameters_are_those_drawn():
    assert not is_warmed_up(Follower(supervised_steps=0))
    start = Starts(Follower(supervised_steps=0), registry.backend("torch"), "float32")(2)
    np.testing.assert_array_equal(start["point"], by_hand(2, 0).astype("float32"))


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_trainer_starts_each_seed_from_it_whatever_runs_beside_it(backend):
    task, library = Follower(supervised_steps=4), registry.backend(backend)
    together = Training(task, ARM, library, seeds=(0, 1, 5), dtype="float32").snapshot()["/0/point"]
    alone = [Training(task, ARM, library, seeds=(seed,), dtype="float32").snapshot()["/0/point"] for seed in (0, 1, 5)]
    np.testing.assert_array_equal(together, np.concatenate(alone))
    np.testing.assert_allclose(together[2], by_hand(5, 4), atol=1e-5)


def test_other_starts_can_be_given():
    given = {"point": np.asarray([1.0, 2.0, 3.0], np.float32)}
    training = Training(
        Follower(), ARM, registry.backend("torch"), seeds=(0, 1), dtype="float32", start=lambda _: given
    )
    np.testing.assert_array_equal(training.snapshot()["/0/point"], [given["point"]] * 2)


def test_train_does_it_too():
    (result,) = train(Follower(supervised_steps=2), ARM, registry.backend("torch"), seeds=[0], steps=1)
    assert result.metrics.error.tolist() == [0.0]
