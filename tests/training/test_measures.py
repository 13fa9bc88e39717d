"""Declared metrics are those that steps and evaluations return, for every registered task."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.training.test_every_task import VARIANTS, admitted, grouped, small
from tpo import PluginError, ReportsMetrics, UnknownNameError
from tpo.experiments.execution.recorder import measured_by
from tpo.plugins import registry
from tpo.training.metric_names import check_measured, measured_names
from tpo.training.task import ClosedForm, Evaluated
from tpo.training.trainer import Training
from tpo_tasks.gains import SURPLUSES
from tpo_tasks.sequences import TokenReversal

ALSO = {"mnist": ({"dataset": "made-up", "gains": True},)}
"""Options that enable further metrics, by the name of the task."""


def cases():
    """Every task with each of its arms, TPO in each grouping, and a gate around it; in one epoch and in two."""
    for name in registry.host().tasks():
        for options in (*VARIANTS.get(name, ({},)), *ALSO.get(name, ())):
            task = registry.task(name)(**options)
            arms = [*(small(task, arm) for arm in task.arms.values()), *grouped(task)]
            if not isinstance(task, ClosedForm):
                arms.append(replace(arms[-1], gate=1.0))
                arms += [replace(arm, epochs=1 if arm.epochs > 1 else 2) for arm in arms]
            for arm in admitted(task, arms):
                yield pytest.param(task, arm, id=f"{name}-{arm.algorithm}-{arm.grouping}-{arm.epochs}-{options}")


@pytest.mark.parametrize(("task", "arm"), list(cases()))
def test_what_is_said_is_what_is_measured(task, arm):
    backend = registry.backend("numpy" if isinstance(task, ClosedForm) else "torch")
    (step,) = Training(task, arm, backend, seeds=(0,), dtype="float64").until(1)
    assert sorted(measured_names(task, arm)) == sorted({**measured_by(step), **step.evaluation})


def test_the_names_are_these():
    reversal, bandit = TokenReversal(), registry.task("multi-context-bandit")()
    images = registry.task("mnist")(dataset="made-up", gains=True)
    common = ("error", "loss", "gradient_norm")
    weights = ("effective_sample_size", "excess_cross_entropy", "weight_on_success", "weight_on_failure")
    assert measured_names(reversal, reversal.arms["tpo"]) == (*common, *weights, "failed_groups")
    assert measured_names(reversal, reversal.arms["dg"]) == (*common, "failed_groups")
    assert measured_names(bandit, bandit.arms["ce"]) == ("error", "loss", "misalignment")
    assert measured_names(images, images.arms["dg"]) == (*common, "test_error", *SURPLUSES)
    assert SURPLUSES == ("surplus_0", "surplus_1", "surplus_2", "surplus_3", "surplus_4")
    assert isinstance(images, Evaluated)


@dataclass(frozen=True, kw_only=True)
class Renaming(TokenReversal):
    """A task that gives a metric of its own a name that may be taken."""

    called: str

    def rollout(self, backend, params, inputs, arm):
        rollout = super().rollout(backend, params, inputs, arm)
        return rollout._replace(more={self.called: rollout.error})


@pytest.mark.parametrize("name", ["error", "loss", "gradient_norm", "effective_sample_size"])
def test_a_metric_called_like_one_of_the_trainers_is_refused(name):
    task = Renaming(called=name, vocab_size=2, length=3)
    arm = small(task, task.arms["tpo"])
    with pytest.raises(PluginError) as caught:
        list(Training(task, arm, registry.backend("torch"), seeds=(0,), dtype="float64").until(1))
    text = f"the name of a task's metric must not be that of one of the trainer's; got {name!r}."
    assert str(caught.value) == f"{text} Rename it in the task."


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A task without a declaration of its metrics."""


def test_a_name_that_is_not_measured_is_refused_with_the_nearest():
    task = TokenReversal()
    check_measured(task, task.arms["tpo"], ("error", "failed_groups", "gradient_norm"))
    with pytest.raises(UnknownNameError) as caught:
        check_measured(task, task.arms["dg"], ("error", "failed_group"))
    assert str(caught.value) == (
        "the name must be a registered measure of dg on this task; got 'failed_group'. Did you mean 'failed_groups'? "
        "Registered: error, failed_groups, gradient_norm, loss."
    )


def test_a_task_need_not_say_what_every_task_measures():
    silent, arm = Silent(), TokenReversal().arms["dg"]
    assert not isinstance(silent, ReportsMetrics)
    check_measured(silent, arm, ("error", "loss", "gradient_norm"))
    with pytest.raises(UnknownNameError) as caught:
        check_measured(silent, arm, ("failed_groups",))
    assert str(caught.value).endswith(
        "Registered: error, gradient_norm, loss. A task with more metrics must declare them: tpo.ReportsMetrics."
    )
