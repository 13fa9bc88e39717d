"""What algorithms and tasks return during training has the shapes of their contract."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import tpo
from tpo.plugins import registry
from tpo.training.trainer import Training
from tpo_tasks.sequences import TokenReversal

TASK = TokenReversal(length=3)
ARM = replace(TASK.arms["tpo"], batch_size=2, group_size=4)
MNIST = registry.task("mnist")(dataset="made-up")
IMAGES = replace(MNIST.arms["tpo"], batch_size=4, epochs=1)


def first_step(task, arm, backend="torch"):
    return next(tpo.train(task, arm, registry.backend(backend), seeds=[0, 1], steps=1))


LOSSES = {
    "a value of the shape (2, 2, 3, 4) and a weight of the shape (2, 2, 3, 4)": lambda x, q: tpo.Loss(x * q, q * 0 + 1),
    "a value of the shape (2, 2, 3) and a weight of the shape (2, 2, 3, 4)": lambda x, q: tpo.Loss(
        (x * q).sum(-1), q * 0 + 1
    ),
    "an object of the class Tensor": lambda x, q: -(x * q).sum(-1),
    "an object of the class tuple": lambda x, q: ((x * q).sum(-1), q.sum(-1)),
    "a value of the shape (2, 2, 3) and a weight of the class float": lambda x, q: tpo.Loss((x * q).sum(-1), 1.0),
}


@pytest.mark.parametrize("came", LOSSES)
def test_a_loss_of_another_shape_is_refused_at_the_first_step(monkeypatch, came):
    monkeypatch.setattr(tpo.TPO, "loss", lambda _, log_probs, signal: LOSSES[came](log_probs, signal.q))
    with pytest.raises(tpo.PluginError) as caught:
        first_step(TASK, ARM)
    must = "the algorithm 'tpo' must return a tpo.Loss with a `value` and a `weight` of the shape (2, 2, 3); got "
    assert str(caught.value).startswith(must)
    assert str(caught.value).endswith(" Fix or uninstall its plug-in.")
    assert came in str(caught.value)


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize(("task", "arm"), [(TASK, ARM), (MNIST, IMAGES)], ids=["two programs", "one program"])
def test_a_bare_array_is_refused_by_every_step(monkeypatch, task, arm, backend):
    monkeypatch.setattr(tpo.TPO, "loss", lambda _, log_probs, signal: log_probs.sum(-1) + 0 * signal.q.sum())
    with pytest.raises(tpo.PluginError, match=r"the algorithm 'tpo' must return a tpo\.Loss with a `value` and a `we"):
        first_step(task, arm, backend)


ERRORS = {
    "()": lambda error: error.mean(),
    "(2, 1)": lambda error: error[:, None],
    "(4,)": lambda error: error.repeat_interleave(2),
}


@pytest.mark.parametrize("shape", ERRORS)
def test_an_error_that_is_not_one_number_per_seed_is_refused(shape):
    class Renamed(TokenReversal):
        def rollout(self, *arguments):
            rolled = super().rollout(*arguments)
            return rolled._replace(error=ERRORS[shape](rolled.error))

    with pytest.raises(tpo.PluginError) as caught:
        first_step(Renamed(length=3), ARM)
    where = f"{__name__}:{Renamed.__qualname__}"
    text = f"the task {where!r} must return one `error` for each seed, an array of the shape (2,); got one of the shape"
    assert str(caught.value) == f"{text} {shape}. Repair the task."


def test_another_metric_that_is_not_one_number_per_seed_is_refused():
    class Talkative(TokenReversal):
        def rollout(self, *arguments):
            rolled = super().rollout(*arguments)
            return rolled._replace(more=dict.fromkeys(rolled.more, 0.5))

    with pytest.raises(tpo.PluginError, match=re.escape("must return one `failed_groups` for each seed, an array of")):
        first_step(Talkative(length=3), ARM)


def test_metrics_of_one_program_of_evaluations_and_of_closed_forms_are_checked(monkeypatch):
    kind = type(MNIST)
    act, evaluate = kind.act, kind.evaluate
    with monkeypatch.context() as patch:
        patch.setattr(kind, "act", lambda *given: act(*given)._replace(error=np.float64(0.5)))
        with pytest.raises(
            tpo.PluginError, match=r"must return one `error` for each seed, an array of the shape \(2,\)"
        ):
            first_step(MNIST, IMAGES)
    with monkeypatch.context() as patch:
        patch.setattr(kind, "evaluate", lambda *given: {n: v.mean() for n, v in evaluate(*given).items()})
        with pytest.raises(
            tpo.PluginError, match=r"must return one `test_error` for each seed.*; got one of the shape \(\)"
        ):
            first_step(MNIST, IMAGES)
    bandit = registry.task("multi-context-bandit")()
    advance = type(bandit).advance

    def transposed(*given):
        params, measured = advance(*given)
        return params, {name: values.T for name, values in measured.items()}

    monkeypatch.setattr(type(bandit), "advance", transposed)
    with pytest.raises(tpo.PluginError, match=r"must return one `error` for each seed, an array of the shape \(3, 2\)"):
        list(Training(bandit, bandit.arms["ce"], registry.backend("numpy"), seeds=(0, 1), dtype="float64").until(3))
