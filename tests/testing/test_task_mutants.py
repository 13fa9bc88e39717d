"""The suite of tasks finds tasks that keep state, or change what they are given."""

import itertools

import numpy as np
import pytest

from tests.docs.test_extending import page
from tpo.plugins import registry
from tpo.testing import TaskSuite

TORCH = registry.backend("torch")
BANDIT = page()["Bandit"]
CALLS = itertools.count()


class Counting(BANDIT):
    """The score grows with every call."""

    def rollout(self, backend, params, inputs, arm):
        found = super().rollout(backend, params, inputs, arm)
        return found._replace(scores=found.scores + next(CALLS))


class Consuming(BANDIT):
    """The noise is scaled in place."""

    def rollout(self, backend, params, inputs, arm):
        inputs["noise"].mul_(0.5)
        return super().rollout(backend, params, inputs, arm)


class Drifting(BANDIT):
    """The parameters are scaled in place."""

    def rollout(self, backend, params, inputs, arm):
        params["logits"].mul_(1.1)
        return super().rollout(backend, params, inputs, arm)


class Turning(BANDIT):
    """Log-probs are right in the first epoch, and then those of the next action."""

    def log_probs(self, backend, params, taken, arm):
        found = super().log_probs(backend, params, taken, arm)
        taken.copy_((taken + 1) % self.actions)
        return found


class Evaluated(BANDIT):
    """A bandit with a test set."""

    evaluate_every = 1
    measures = ()

    def held_out(self):
        return {"weights": np.ones(3)}

    def evaluate(self, backend, params, data, arm):
        del arm
        return {"test_error": backend.namespace().mean(data["weights"]) + 0 * params["logits"][:, 0]}


class Forgetful(Evaluated):
    """The test set shrinks with every evaluation."""

    def evaluate(self, backend, params, data, arm):
        found = super().evaluate(backend, params, data, arm)
        data["weights"].mul_(0.5)
        return found


@pytest.mark.parametrize(
    ("mutant", "words"),
    [
        (Counting, "scores"),
        (Consuming, "scores|log_probs|noise"),
        (Drifting, "log_probs|logits"),
        (Turning, "in the next epoch"),
    ],
)
def test_a_rollout_that_is_no_function_of_its_arguments_is_found(mutant, words):
    TaskSuite().test_a_rollout_is_a_function_of_its_arguments(BANDIT(), TORCH)
    with pytest.raises(AssertionError, match=rf"({words}): a task keeps no state"):
        TaskSuite().test_a_rollout_is_a_function_of_its_arguments(mutant(), TORCH)


def test_an_evaluation_that_changes_the_test_set_is_found():
    TaskSuite().test_every_arm_takes_a_step(Evaluated(), TORCH)
    with pytest.raises(AssertionError, match="changes neither the policy nor the test set: test_error"):
        TaskSuite().test_every_arm_takes_a_step(Forgetful(), TORCH)
