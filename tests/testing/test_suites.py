"""The suites find defects of plug-ins and describe them; `test_mutations.py` has more."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from tpo import REINFORCE, Group, Loss, Traits, namespace_of
from tpo.plugins import registry
from tpo.testing import AlgorithmSuite, AutodiffSuite, BackendSuite, TaskSuite
from tpo.testing.laws.groups import made_up_groups
from tpo.testing.laws.subjects import algorithm_subject
from tpo_tasks.episodes.cart_pole import CartPole
from tpo_tasks.sequences import TokenReversal


@dataclass(frozen=True, kw_only=True)
class Naive:
    """A naive algorithm: scores times log-probs."""

    traits: ClassVar[Traits] = Traits(update_rule="score times log-prob", compares_candidates=True)

    def prepare(self, group: Group) -> Any:
        return group

    def loss(self, log_probs: Any, signal: Any) -> Loss:
        xp = namespace_of(log_probs)
        value = -xp.sum(signal.scores * log_probs, axis=-1)
        return Loss(value, xp.ones_like(value))


@dataclass(frozen=True, kw_only=True)
class Declared(REINFORCE):
    """REINFORCE with a declaration of breaking a law that it obeys."""

    traits: ClassVar[Traits] = REINFORCE.traits._replace(breaks={"shift": "so it is said"})


@dataclass(frozen=True, kw_only=True)
class Honest(Naive):
    """The naive algorithm with a declaration of the laws that it breaks."""

    traits: ClassVar[Traits] = Naive.traits._replace(breaks={"shift": "raw scores", "tied": "raw scores"})


TORCH = registry.backend("torch")


def check_law(algorithm, name):
    AlgorithmSuite().test_law(algorithm_subject(TORCH, algorithm, "float64"), algorithm, made_up_groups(), name)


@pytest.mark.parametrize("name", ["shift", "tied"])
def test_a_law_that_breaks_and_is_not_declared_is_found(name):
    with pytest.raises(AssertionError, match=r"in \d+ of 60 groups, the first \(0, 0\): .*ubtract the group's mean"):
        check_law(Naive(), name)


def test_a_break_that_is_declared_is_let_pass_and_must_be_one():
    check_law(Honest(), "shift")
    with pytest.raises(AssertionError, match=r"'shift' is declared as broken, but holds; take it out"):
        check_law(Declared(), "shift")


@pytest.mark.parametrize("test", ["test_an_impossible_candidate_gets_nothing", "test_padding_changes_nothing"])
def test_candidates_that_are_not_there_must_be_thought_of(test):
    with pytest.raises(AssertionError):
        getattr(AlgorithmSuite(), test)(algorithm_subject(TORCH, Naive(), "float64"), made_up_groups())


@pytest.mark.parametrize("test", ["test_law", "test_law_of_tokens", "test_one_token_is_a_candidate"])
def test_what_concerns_tokens_is_skipped_for_algorithms_that_take_none(test):
    function = getattr(AlgorithmSuite(), test)
    given = {"subject": None, "algorithm": Naive(), "groups": made_up_groups(), "name": "padding"}
    with pytest.raises(pytest.skip.Exception, match="the algorithm takes no tokens"):
        function(**{name: given[name] for name in inspect.signature(function).parameters})


def test_what_a_task_or_a_backend_lacks_is_skipped():
    with pytest.raises(pytest.skip.Exception, match="the task drafts no rollouts"):
        TaskSuite().test_a_rollout_after_a_draft_is_the_rollout(CartPole(), TORCH)
    with pytest.raises(pytest.skip.Exception, match="torch fuses no layers"):
        AutodiffSuite().test_fused_layers_compute_what_they_stand_for(altered("fused", {}), 1)
    with pytest.raises(pytest.skip.Exception, match="the backend has no half precision"):
        AlgorithmSuite().test_law_in_half_precision(SimpleNamespace(halves=list), Naive(), made_up_groups(), "shift")


def altered(name, function):
    """The PyTorch adapter with one method replaced."""
    adapter = type("Altered", (type(TORCH),), {name: function})
    return adapter()


def test_targets_with_other_bits_are_found():
    backend = altered("to_numpy", lambda _, array: np.nextafter(array.numpy(), np.float64(2)))
    with pytest.raises(AssertionError, match="First difference from NumPy"):
        BackendSuite().test_exact_targets_are_the_golden_ones(backend, "float64")


@pytest.mark.parametrize("case", ["SGD", "Adam", "Muon"])
def test_an_optimizer_that_goes_a_little_further_is_found(case):
    def optimizer(self, spec):
        return type(TORCH).optimizer(self, replace(spec, learning_rate=spec.learning_rate * (1 + 1e-9)))

    with pytest.raises(AssertionError):
        AutodiffSuite().test_every_update_is_the_references(altered("optimizer", optimizer), case)


class Stuck(TokenReversal):
    """Token reversal whose prompts and noise never change, and whose error is out of range."""

    def inputs(self, randomness, arm):
        return super().inputs(replace(randomness, step=0), arm)

    def rollout(self, backend, params, inputs, arm):
        rollout = super().rollout(backend, params, inputs, arm)
        return rollout._replace(error=rollout.error + 1)


def test_inputs_that_do_not_depend_on_the_step_are_found():
    with pytest.raises(AssertionError):
        TaskSuite().test_the_inputs_are_a_function_of_seed_and_step(Stuck(length=2))


def test_an_error_out_of_range_is_found():
    with pytest.raises(AssertionError):
        TaskSuite().test_a_rollout_has_seeds_first_and_candidates_last(Stuck(length=2), TORCH)


class Silent(TokenReversal):
    """Token reversal without a declaration of its metrics."""

    measures = ()


class OneArm(TaskSuite):
    arms = ("dg",)


def test_what_a_task_measures_and_does_not_say_is_found():
    OneArm().test_every_arm_takes_a_step(TokenReversal(length=2), TORCH)
    with pytest.raises(AssertionError, match=r"see tpo\.ReportsMetrics"):
        OneArm().test_every_arm_takes_a_step(Silent(length=2), TORCH)


@pytest.mark.parametrize("suite", [AlgorithmSuite, AutodiffSuite, BackendSuite, TaskSuite])
def test_a_suite_without_its_fixture_says_what_to_write(suite):
    name = {"AlgorithmSuite": "algorithm", "TaskSuite": "task", "BackendSuite": "backend"}.get(
        suite.__name__, "autodiff"
    )
    with pytest.raises(NotImplementedError, match=f"write the fixture `{name}`"):
        getattr(suite, name).__wrapped__(suite())
