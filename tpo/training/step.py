"""One step of training: rollout, score, prepare, epochs.

Nothing here knows an algorithm, a task or a library by name.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.core.group import Group
from tpo.errors import PluginError
from tpo.training.contracts import check_metrics, checked_loss
from tpo.training.group_metrics import GRADIENT_NORM, group_metrics
from tpo.training.groupings import grouping
from tpo.training.task import Drafts, SharesWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Autodiff, Optimizer, OptimizerState, Parameters
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array, Namespace
    from tpo.training.arm import Arm
    from tpo.training.task import Rollout, Task


class State(NamedTuple):
    """The state that training carries from step to step: parameters and optimizer state, with the seeds as axis 0."""

    params: Parameters
    optimizer: OptimizerState


class Metrics(NamedTuple):
    """The metrics of one step, `[S]` each.

    Attributes:
        error: The error under the policy that sampled, before the step's updates.
        loss: The loss of the first epoch.
        more: All other metrics, by name.
    """

    error: Array
    loss: Array
    more: Mapping[str, Array] = MappingProxyType({})


def joined(own: Mapping[str, Array], more: Mapping[str, Array]) -> dict[str, Array]:
    """Join the trainer's `own` metrics with `more` of the task.

    Raises:
        PluginError: The task gives its metric the name of one of the trainer's.
    """
    for name in more:
        if name in {"error", "loss", *own}:
            message = f"the name of a task's metric must not be that of one of the trainer's; got {name!r}."
            raise PluginError(f"{message} Rename it in the task.")
    return {**own, **more}


class Step:
    """A training step, a function of the state and the step's inputs, as two compiled programs: rollout and epochs.

    Between the two, a task that `SharesWork` finds duplicates in the rollout, on the host, so that each is evaluated
    once. Before them, a task that `Drafts` runs a third program; from its result the host decides what the rollout must
    decode.
    """

    def __init__(self, task: Task, arm: Arm, algorithm: Algorithm, backend: Autodiff, optimizer: Optimizer) -> None:
        """Build the programs; each is compiled on its first run."""

        def roll(params: Parameters, inputs: Mapping[str, Array]) -> Rollout:
            return task.rollout(backend, params, inputs, arm)

        self._draft = drafting(task, arm, backend) if isinstance(task, Drafts) else _no_more
        self._roll = backend.compile_over_seeds(roll)
        self._learn = backend.compile_over_seeds(make_epochs(task, arm, algorithm, backend, optimizer))
        self._share = task.share if isinstance(task, SharesWork) else _as_it_is
        self._task, self._backend = task, backend

    def __call__(self, state: State, inputs: Mapping[str, Array]) -> tuple[State, Metrics]:
        """Run the step; return the new state and the metrics."""
        rollout = self.rollout(state.params, inputs)
        data = self._share(self._backend, rollout.data)
        state, loss, more = self._learn(state, rollout.scores, data, rollout.group)
        return state, Metrics(rollout.error, loss, joined(more, rollout.more))

    def rollout(self, params: Parameters, inputs: Mapping[str, Array]) -> Rollout:
        """Sample and score the step's rollout, after a draft if the task `Drafts`."""
        rollout: Rollout = self._roll(params, {**inputs, **self._draft(params, inputs)})
        check_metrics(self._task, {"error": rollout.error, **rollout.more}, tuple(rollout.scores.shape[:1]))
        return rollout


def drafting(task: Drafts, arm: Arm, backend: Autodiff) -> Callable[..., Mapping[str, Any]]:
    """Build a function from parameters and inputs to additional inputs of the rollout."""

    def draft(params: Parameters, inputs: Mapping[str, Array]) -> Any:
        return task.draft(backend, params, inputs, arm)

    compiled = backend.compile_over_seeds(draft)
    return lambda params, inputs: task.settle(backend, compiled(params, inputs))


def _no_more(params: Parameters, inputs: Mapping[str, Array]) -> Mapping[str, Any]:
    del params, inputs
    return {}


def _as_it_is(backend: Autodiff, data: Any) -> Any:
    del backend
    return data


def make_epochs(
    task: Task, arm: Arm, algorithm: Algorithm, backend: Autodiff, optimizer: Optimizer
) -> Callable[[State, Array, Any, Mapping[str, Array]], tuple[State, Array, dict[str, Array]]]:
    """Build the epochs over one rollout as a pure function of the state, and of the rollout's scores, data and group.

    It returns the state after all epochs, and, `[S]` each, the loss and the other metrics of the first: the gradient
    norm over all parameters, and `group_metrics`.

    The old log-probs are those of the first epoch's own forward pass, not of the rollout: the two round
    differently, and a scale-free optimizer would turn that round-off into a full-size update. All epochs are one
    scanned function, which halves the time to compile; the first of them prepares the signal for all.
    """
    descend = make_descent(arm, algorithm, backend, optimizer)

    def learn(
        state: State, scores: Array, data: Any, known: Mapping[str, Array]
    ) -> tuple[State, Array, dict[str, Array]]:
        def forward(params: Parameters) -> Array:
            return task.log_probs(backend, params, data, arm)

        def prepare(log_probs: Array) -> Any:
            return prepared_for(backend, algorithm, scores, log_probs, known)

        def epoch(carry: tuple[State, Any], number: Array) -> tuple[tuple[State, Any], tuple[Array, Array]]:
            state, prepared = carry
            log_probs, pull_params = backend.vjp(forward, state.params)
            prepared = backend.cond(number == 0, lambda: prepare(log_probs), lambda: prepared)
            signal, _ = prepared
            state, loss, norm = descend(state, log_probs, pull_params, signal, tuple(scores.shape[:-1]))
            return (state, prepared), (loss, norm)

        carry = state, backend.placeholder(lambda params: prepare(forward(params)), state.params)
        (state, (_, measured)), (losses, norms) = backend.scan(epoch, carry, backend.asarray(np.arange(arm.epochs)))
        return state, losses[0, ...], {GRADIENT_NORM: norms[0, ...], **measured}

    return learn


def prepared_for(
    backend: Autodiff, algorithm: Algorithm, scores: Array, log_probs: Array, known: Mapping[str, Array]
) -> tuple[Any, dict[str, Array]]:
    """Prepare the signal of groups at the old log-probs, and compute the metrics of the groups."""
    group = Group(scores=scores, old_log_probs=backend.stop_gradient(log_probs), **known)
    signal = algorithm.prepare(group)
    return signal, group_metrics(algorithm, group, signal)


Descent = Callable[[State, Any, Callable[[Any], Any], Any, tuple[int, ...]], tuple[State, Any, Any]]
"""One update: from a state, log-probs, their pullback to the parameters, a signal and the shape of the groups to the
new state, the loss of each seed, and the norm of its gradient."""


def make_descent(arm: Arm, algorithm: Algorithm, backend: Autodiff, optimizer: Optimizer) -> Descent:
    """Build one optimizer update that starts from log-probs and their pullback."""
    arrange = grouping(arm.grouping)

    def descend(
        state: State,
        log_probs: Array,
        pull_params: Callable[[Array], Parameters],
        signal: Any,
        groups: tuple[int, ...],
    ) -> tuple[State, Array, Array]:
        def reduced(log_probs: Array) -> Array:
            return arrange.reduce(checked_loss(arm.algorithm, algorithm.loss(log_probs, signal), groups))

        loss, pull_log_probs = backend.vjp(reduced, log_probs)
        grads = pull_params(pull_log_probs(backend.namespace().ones_like(loss)))
        norm = _norm(backend.namespace(), grads)
        return State(*optimizer.update(grads, state.optimizer, state.params)), loss, norm

    return descend


def _norm(xp: Namespace, grads: Parameters) -> Array:
    """The Euclidean norm of each seed's gradient over all parameters, `[S]`, from arrays `[S, ...]`."""
    squares = [xp.sum(xp.reshape(g * g, (g.shape[0], -1)), axis=1) for g in grads.values()]
    return xp.sqrt(sum(squares[1:], squares[0]))
