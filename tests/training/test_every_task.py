"""JAX and PyTorch do the same first twenty steps of every registered task, and of every algorithm in every grouping.

Tasks are found in the registry: a new one is tested by being there, on its defaults unless `VARIANTS` has smaller ones.
What further tasks repeat of an algorithm in a grouping is marked exhaustive. So are tasks whose own tests compare the
backends.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pytest

from tests.tasks.words.warmed import SHORTEST, warmed
from tpo import InvalidArgumentError, UnknownNameError
from tpo.plugins import registry
from tpo.training.checks import check
from tpo.training.groupings import GROUPINGS
from tpo.training.task import ClosedForm, OneShot
from tpo.training.trainer import Training
from tpo.training.trees import leaves

STEPS = 20
SEEDS = (0, 1)
SIZES = {"batch_size": 8, "group_size": 3, "learning_rate": 1e-3}
REWARDS = ("bag-of-tokens", "sequential", "terminal")
STARTS = {"rlvr-words": lambda _seed: warmed()}
"""Parameters before the first step, by task, where those drawn never succeed and so learn nothing."""

VARIANTS = {
    "rlvr-words": (SHORTEST,),
    "token-reversal": tuple({"length": 2, "reward": reward} for reward in REWARDS),
    "mnist": ({"dataset": "made-up"},),
}
"""Options that make a task small, by its name."""


@dataclass(frozen=True)
class Case:
    """A task, its registered name, and an arm."""

    task: Any
    arm: Any
    name: str
    label: str = field(compare=False)


def small(task, arm, **changes):
    """Shrink an arm for tests and set Adam; arms of tasks in closed form stay as they are."""
    return arm if isinstance(task, ClosedForm) else replace(arm, **(SIZES | {"optimizer": "adam"} | changes))


def admitted(task, arms):
    """The arms that can be trained on the task."""
    for arm in arms:
        try:
            check(task, arm, seeds=SEEDS, steps=STEPS, dtype="float64")
        except (InvalidArgumentError, UnknownNameError):
            continue
        yield arm


def grouped(task):
    """The task's arm for TPO in every grouping that it accepts."""
    groupings = () if isinstance(task, ClosedForm) else GROUPINGS
    return admitted(task, [small(task, replace(task.arms["tpo"], grouping=grouping)) for grouping in groupings])


def cases():
    """Every task, its variants and their default arms, and TPO in every grouping."""
    for name in registry.host().tasks():
        for options in VARIANTS.get(name, ({},)):
            task = registry.task(name)(**options)
            for arm in [*(small(task, arm) for arm in task.arms.values()), *grouped(task)]:
                label = "-".join([name, *map(str, options.values()), arm.algorithm, arm.grouping])
                yield Case(task, arm, name, label)


ELSEWHERE = {"rlvr-words"}
"""Tasks whose own tests compare the backends: tests/tasks/words/test_task.py."""


def covering(cases):
    """The cases that have a task, or an algorithm in a grouping, that none before them has."""
    seen = set()
    for case in cases:
        if case.name in ELSEWHERE:
            continue
        new = {case.task, (case.arm.algorithm, case.arm.grouping)} - seen
        if new:
            seen |= new
            yield case


CASES = {case.label: case for case in cases()}
COVERING = {case.label for case in covering(CASES.values())}
LABELS = [label if label in COVERING else pytest.param(label, marks=pytest.mark.exhaustive) for label in CASES]


def run(case, backend):
    """Train on a backend; return parameters before and after, and metrics and sampled integers of each step."""
    task, sampled = case.task, []
    share = getattr(type(task), "share", lambda _self, _backend, data: data)

    def spy(self, used, data):
        integers = [used.to_numpy(array) for array in leaves(data).values()]
        sampled.append([np.array(array) for array in integers if array.dtype.kind == "i"])
        return share(self, used, data)

    # A class of its own: that of the task itself would be taken for one that shares work from then on.
    spied = type(type(task).__name__, (type(task),), {"share": spy, "__module__": type(task).__module__})
    options = {one.name: getattr(task, one.name) for one in fields(task)}
    start = STARTS.get(case.name)
    training = Training(
        spied(**options), case.arm, registry.backend(backend), seeds=SEEDS, dtype="float64", start=start
    )
    before = parameters(training)
    metrics = [step.metrics for step in training.until(STEPS)]
    return before, parameters(training), metrics, sampled


def parameters(training):
    return {name: array for name, array in training.snapshot().items() if name.startswith("/0/")}


def check_same(ours, theirs):
    """Check equal samples and errors, and parameters within 1e-8, after movements a million times as large."""
    (before, ours, metrics, sampled), (_, theirs, other, also_sampled) = ours, theirs
    assert len(sampled) == len(also_sampled)
    for mine, yours in zip(sampled, also_sampled, strict=True):
        for a, b in zip(mine, yours, strict=True):
            np.testing.assert_array_equal(a, b)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=0, atol=1e-8, err_msg=name)
    errors = [np.stack([step.error for step in steps]) for steps in (metrics, other)]
    assert errors[0].shape == (STEPS, len(SEEDS))
    np.testing.assert_allclose(*errors, rtol=0, atol=1e-8)
    assert max(np.abs(values - before[name]).max() for name, values in ours.items()) > 1e-2


@pytest.mark.parametrize("label", LABELS)
def test_twenty_steps(label):
    case = CASES[label]
    ours, theirs = (run(case, backend) for backend in ("jax", "torch"))
    check_same(ours, theirs)
    *_, sampled = ours
    # A closed form has no rollout to look at, and that of one pass is part of the step.
    assert len(sampled) == (0 if isinstance(case.task, ClosedForm | OneShot) else STEPS)
    assert all(sampled)


def test_every_grouping_is_here():
    assert {CASES[label].arm.grouping for label in COVERING} >= set(GROUPINGS)


def test_every_registered_task_is_here():
    tasks = {registry.task(name) for name in registry.host().tasks() if name not in ELSEWHERE}
    assert {type(CASES[label].task) for label in COVERING} == tasks


def test_every_algorithm_of_a_task_is_here_in_its_grouping():
    every, covered = (
        {(CASES[label].arm.algorithm, CASES[label].arm.grouping) for label in labels} for labels in (CASES, COVERING)
    )
    assert covered == every


@pytest.mark.parametrize(
    "reward", ["bag-of-tokens", pytest.param("sequential", marks=pytest.mark.exhaustive), "terminal"]
)
def test_twenty_steps_of_muon_where_every_batch_holds_a_success(reward):
    task = registry.task("token-reversal")(length=2, reward=reward)
    case = Case(task, small(task, task.arms["tpo"], optimizer="muon"), "token-reversal", reward)
    ours, theirs = (run(case, backend) for backend in ("jax", "torch"))
    _, _, metrics, _ = ours
    assert max(step.more["failed_groups"].max() for step in metrics) < 1
    check_same(ours, theirs)
