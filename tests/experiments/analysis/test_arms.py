"""The arms of a task, and cells that cannot be run."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tpo_tasks
from tests.absent import Absent
from tests.experiments.made_up import make_cells
from tpo import Arm, InvalidArgumentError, NotInstalledError, UnknownNameError
from tpo.experiments.spec.arms import arms_for, default_algorithms
from tpo.experiments.spec.exhibit import Trainer
from tpo.plugins import registry


@pytest.fixture
def task():
    return registry.task("token-reversal")(length=2)


def test_arms_are_the_tasks_own(task):
    assert arms_for(task, ["tpo", "dg"], {}) == {"tpo": task.arms["tpo"], "dg": task.arms["dg"]}


def test_overrides_reach_all_arms(task):
    overrides = {"batch_size": 7, "epochs": 2, "learning_rate": 0.5, "optimizer": "sgd", "group_size": 3}
    for name, arm in arms_for(task, ["tpo", "dg"], overrides).items():
        assert arm == replace(task.arms[name], **overrides)


def test_grouping_reaches_only_the_algorithms_that_compare_candidates(task):
    arms = arms_for(task, ["tpo", "grpo", "ppo", "dg"], {"grouping": "sequence"})
    assert {name: arm.grouping for name, arm in arms.items()} == {
        "tpo": "sequence",
        "grpo": "sequence",
        "ppo": "batch",
        "dg": "batch",
    }


class Untuned:
    """A task without arms of its own."""

    arms = {}  # noqa: RUF012 - as a task has it

    def default_arm(self, algorithm, *, compares_candidates):
        return Arm(algorithm=algorithm, grouping="sequence" if compares_candidates else "batch", epochs=9)


def test_an_algorithm_without_an_arm_takes_the_tasks_default():
    arms = arms_for(Untuned(), ["tpo", "reinforce"], {"epochs": 2})
    assert arms["tpo"] == Arm(algorithm="tpo", grouping="sequence", epochs=2)
    assert arms["reinforce"] == Arm(algorithm="reinforce", grouping="batch", epochs=2)


def test_the_usual_algorithms_are_compared_where_the_task_has_them(task):
    assert default_algorithms(task) == ("tpo", "grpo", "ppo", "dg")


def test_all_the_arms_are_compared_where_the_task_lacks_a_usual_one():
    class Partly(Untuned):
        arms = {"reinforce": None, "tpo": None}  # noqa: RUF012

    assert default_algorithms(Partly()) == ("reinforce", "tpo")


@pytest.mark.parametrize(("algorithms", "named"), [(["tpo", "tpo"], "tpo,tpo"), ([], "")])
def test_each_algorithm_is_named_once(task, algorithms, named):
    with pytest.raises(InvalidArgumentError) as caught:
        arms_for(task, algorithms, {})
    assert str(caught.value) == f"`algorithms` must name each algorithm once; got {named!r}. Try tpo,grpo."


def test_an_unknown_grouping_is_refused_even_where_no_arm_takes_it(task):
    with pytest.raises(UnknownNameError, match=r"got 'tokn'\. Did you mean 'token'\?"):
        arms_for(task, ["dg"], {"grouping": "tokn"})


def test_seeds_are_counted_from_0_in_blocks():
    assert Trainer(steps=1, seeds=3).blocks == [(0, 1, 2)]
    assert Trainer(steps=1, seeds=5, seeds_per_cell=2).blocks == [(0, 1), (2, 3), (4,)]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "`seeds` must be at least 1; got 0. It is how many seeds to run, from 0 on."),
        (-1, "`seeds` must be at least 1; got -1. It is how many seeds to run, from 0 on."),
        (10_001, "`seeds` must be at most 10000; got 10001. Take fewer."),
    ],
)
def test_there_are_between_one_and_ten_thousand_seeds(count, text):
    with pytest.raises(InvalidArgumentError) as caught:
        Trainer(steps=1, seeds=count).blocks  # noqa: B018 - it raises
    assert str(caught.value) == text


def test_a_valid_cell_gives_its_task():
    assert make_cells()["tpo"].validate() == registry.task("token-reversal")(length=2)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"steps": 0}, "`steps` must be at least 1; got 0. A step is a rollout and its epochs."),
        (
            {"options": {"vocab_size": 1}},
            "`vocab_size` must be at least 2; got 1. With less there is nothing to learn.",
        ),
        (
            {"arm": Arm(algorithm="tpo", grouping="token", group_size=1)},
            "the group size must be at least 2 for tpo; got 1. Use larger groups: --set arm.group_size=2.",
        ),
        (
            {"backend": "trch"},
            (
                "the name must be a registered backend that trains; got 'trch'. Did you mean 'torch'? "
                "Registered: jax, torch."
            ),
        ),
        (
            {"backend": "numpy"},
            "the name must be a registered backend that trains; got 'numpy'. Registered: jax, torch.",
        ),
    ],
)
def test_what_cannot_be_run_is_refused(changes, text):
    with pytest.raises((InvalidArgumentError, UnknownNameError)) as caught:
        replace(make_cells()["tpo"], **changes).validate()
    assert str(caught.value) == text


def test_a_backend_that_is_not_installed_is_refused(monkeypatch):
    host = registry.PluginHost([])
    host.register(Absent(), "absent")
    host.register(tpo_tasks, "tasks")
    monkeypatch.setattr(registry, "host", lambda: host)
    with pytest.raises(NotInstalledError) as caught:
        replace(make_cells()["tpo"], backend="absent").validate()
    assert str(caught.value) == (
        "the backend must be installed; 'absent' is registered but nowhere_to_be_found is missing. "
        "Install it: pip install absent."
    )
