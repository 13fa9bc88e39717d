"""Tests of a task. Inherit `TaskSuite` and give it one fixture, `task`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tpo.experiments.storage.layout import check_names
from tpo.optimizers import OPTIMIZERS
from tpo.plugins import registry
from tpo.testing.laws.subjects import widest_dtype
from tpo.testing.suites.each_backend import OnEachBackend
from tpo.testing.suites.task_runs import SEEDS, elsewhere, first_arguments, rolled_out, run_on, small
from tpo.training.checks import check, given_by
from tpo.training.evaluation import evaluator
from tpo.training.metric_names import measured_names
from tpo.training.randomness import Randomness
from tpo.training.step import State, Step, drafting
from tpo.training.task import Drafts
from tpo.training.trainer import draw_inputs, initial_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Autodiff
    from tpo.training.arm import Arm
    from tpo.training.task import Task

MOST_STEPS = 10
"""In a small batch of a task all groups may be tied, and then a step moves nothing."""


class TaskSuite(OnEachBackend):
    """Tests of one task, with the arms it was tuned for, on every installed backend that differentiates.

    Make the task small: each arm is compiled once per backend.

    Attributes:
        arms: Names of the arms to run; all of them if empty.
        tolerance: The tolerance for log-probs of a seed that runs among others, in machine epsilons.

    Example:
        class TestBandit(TaskSuite):
            @pytest.fixture
            def task(self):
                return Bandit(actions=3)
    """

    arms: tuple[str, ...] = ()
    tolerance: float = 1e4

    @pytest.fixture
    def task(self) -> Task:
        """The task under test."""
        raise NotImplementedError("a suite must be told what to test: write the fixture `task`")

    def test_it_is_a_frozen_value(self, task: Task) -> None:
        """A task is a frozen dataclass whose fields are its options."""
        assert hash(task) == hash(task)
        assert replace(task) == task  # type: ignore[type-var]

    def test_its_arms_can_be_trained(self, task: Task) -> None:
        """Tuned arms can be trained, and default arms of all registered algorithms whose needs the task meets."""
        assert task.arms
        for arm in task.arms.values():
            check(task, arm, seeds=SEEDS, steps=1, dtype="float32")
        for name in registry.host().algorithms():
            traits = registry.algorithm(name).traits
            arm = task.default_arm(name, compares_candidates=traits.compares_candidates)
            if set(traits.needs) <= set(given_by(task, arm)):
                check(task, arm, seeds=SEEDS, steps=1, dtype="float32")

    def test_the_parameters_are_a_function_of_the_seed(self, task: Task) -> None:
        """Equal seeds give equal float64 parameters; those in `matrices` are matrices."""
        params = task.initial_parameters(Randomness(3))
        _check_same(params, task.initial_parameters(Randomness(3)))
        assert {values.dtype.name for values in params.values()} == {"float64"}
        assert {params[name].ndim for name in task.matrices} <= {2}

    def test_the_inputs_are_a_function_of_seed_and_step(self, task: Task) -> None:
        """Inputs are reproducible, and differ between seeds and steps."""
        for arm in map(small, task.arms.values()):
            drawn = task.inputs(Randomness(3, 7), arm)
            _check_same(drawn, task.inputs(Randomness(3, 7), arm))
            for other in (Randomness(4, 7), Randomness(3, 8)):
                assert any((task.inputs(other, arm)[name] != values).any() for name, values in drawn.items())

    def test_a_rollout_has_seeds_first_and_candidates_last(self, task: Task, wide: Autodiff) -> None:
        """Log-probs are finite, at most 0 and shaped as the scores or token masks; the error is from 0 to 1."""
        for arm in self._one_per_grouping(task):
            scores, log_probs, error, *_ = rolled_out(task, wide, arm, SEEDS)
            by_token = "token_mask" in given_by(task, task.arms[arm])
            assert scores.shape == (log_probs.shape[:-1] if by_token else log_probs.shape)
            assert scores.shape[0] == len(SEEDS) == error.size
            assert scores.shape[-1] > 1
            assert np.isfinite(scores).all()
            assert np.isfinite(log_probs).all()
            assert (log_probs <= self.tolerance * np.finfo(log_probs.dtype).eps).all()
            assert ((error >= 0) & (error <= 1)).all()

    def test_seeds_do_not_know_of_each_other(self, task: Task, wide: Autodiff) -> None:
        """The samples of a seed do not depend on the other seeds."""
        for arm in self._one_per_grouping(task)[:1]:
            together, alone = (rolled_out(task, wide, arm, seeds) for seeds in (SEEDS, SEEDS[1:]))
            eps, among = self.tolerance * np.finfo(alone.log_probs.dtype).eps, together.arrays()
            for name, values in alone.arrays().items():
                np.testing.assert_allclose(values[0], among[name][1], rtol=eps, atol=eps, err_msg=name)

    def test_a_rollout_is_a_function_of_its_arguments(self, task: Task, wide: Autodiff) -> None:
        """The same arguments give the same rollout, and keep their numbers; so do the log-probs of its data."""
        remedy = "a task keeps no state, draws no noise but in `inputs`, and changes no array that it is given"
        for arm in self._one_per_grouping(task):
            start, inputs = first_arguments(task, wide, arm, SEEDS)
            params = elsewhere(wide, start)
            given = {**params, **inputs}
            before = {name: np.array(wide.to_numpy(values)) for name, values in given.items()}
            first, second = (run_on(task, wide, arm, params, inputs) for _ in range(2))
            _check_same(first.arrays(), second.arrays(), f"{{}}: {remedy}")
            np.testing.assert_array_equal(first.again, first.log_probs, f"log-probs, in the next epoch: {remedy}")
            _check_same(before, {name: wide.to_numpy(values) for name, values in given.items()}, f"{{}}: {remedy}")

    def test_a_rollout_after_a_draft_is_the_rollout(self, task: Task, wide: Autodiff) -> None:
        """A rollout with a draft equals the rollout without."""
        if not isinstance(task, Drafts):
            pytest.skip("the task drafts no rollouts")
        for name in self._one_per_grouping(task):
            params, inputs = first_arguments(task, wide, name, SEEDS)
            settled = drafting(task, small(task.arms[name]), wide)(params, inputs)
            plain, after = (run_on(task, wide, name, params, {**inputs, **more}) for more in ({}, settled))
            np.testing.assert_array_equal(after.scores, plain.scores)

    def test_every_arm_takes_a_step(self, task: Task, wide: Autodiff) -> None:
        """Loss and parameters stay finite, parameters change within a few steps, and the metrics are those declared."""
        dtype = widest_dtype(wide)
        for arm in (small(arm) for arm in self._chosen(task).values()):
            optimizer = wide.optimizer(OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate))
            step = Step(task, arm, arm.create_algorithm(), wide, optimizer)
            params = initial_parameters(task, wide, SEEDS, dtype)
            start = {name: np.array(wide.to_numpy(values)) for name, values in params.items()}
            state = State(params, optimizer.init(params))
            for number in range(MOST_STEPS):
                state, metrics = step(state, draw_inputs(task, arm, wide, SEEDS, number, dtype))
                moved = {name: np.array(wide.to_numpy(values)) for name, values in state.params.items()}
                assert np.isfinite(wide.to_numpy(metrics.loss)).all()
                assert all(np.isfinite(values).all() for values in moved.values())
                if any((values != start[name]).any() for name, values in moved.items()):
                    break
            else:
                pytest.fail(f"{arm.algorithm} moves no parameter in {MOST_STEPS} steps: do the scores differ?")
            judge = evaluator(task, arm, wide)
            evaluated, again = judge.evaluate(state.params), judge.evaluate(state.params)
            _check_same(evaluated, again, "an evaluation changes neither the policy nor the test set: {}")
            check_names(("error", "loss", *metrics.more), evaluated)
            measured = {"error", "loss", *metrics.more, *evaluated}
            assert measured == set(measured_names(task, arm)), "see tpo.ReportsMetrics"

    def test_rollouts_give_what_the_task_says(self, task: Task, wide: Autodiff) -> None:
        """Rollouts give group fields besides scores only if the task `ProvidesGroupFields`."""
        for name in self._one_per_grouping(task):
            given = rolled_out(task, wide, name, SEEDS).group
            assert set(given) == set(given_by(task, task.arms[name])), "see tpo.ProvidesGroupFields"

    def _chosen(self, task: Task) -> dict[str, Arm]:
        return {name: arm for name, arm in task.arms.items() if not self.arms or name in self.arms}

    def _one_per_grouping(self, task: Task) -> list[str]:
        return list({arm.grouping: name for name, arm in self._chosen(task).items()}.values())


def _check_same(drawn: Mapping[str, Any], again: Mapping[str, Any], told: str = "{}") -> None:
    """Fail if arrays of one name differ, with a message that has the name in place of `{}`."""
    assert set(drawn) == set(again)
    for name, values in drawn.items():
        np.testing.assert_array_equal(again[name], values, err_msg=told.format(name))
