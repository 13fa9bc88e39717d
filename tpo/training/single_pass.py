"""A training step with a single forward pass, used both to sample the actions and to differentiate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.training.contracts import check_metrics
from tpo.training.group_metrics import GRADIENT_NORM
from tpo.training.step import Metrics, joined, make_descent, prepared_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Autodiff, Optimizer, Parameters
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm
    from tpo.training.step import State
    from tpo.training.task import OneShot


class SinglePassStep:
    """A step of one epoch as a single compiled program, with the same result as `step.Step`."""

    def __init__(self, task: OneShot, arm: Arm, algorithm: Algorithm, backend: Autodiff, optimizer: Optimizer) -> None:
        """Build the step; it is compiled on the first call."""
        descend = make_descent(arm, algorithm, backend, optimizer)

        def step(state: State, inputs: Mapping[str, Array]) -> tuple[State, Metrics]:
            def evaluate(params: Parameters) -> Array:
                return task.all_log_probs(backend, params, inputs)

            everything, pull_params = backend.vjp(evaluate, state.params)
            rollout = task.act(backend, everything, inputs, arm)
            check_metrics(task, {"error": rollout.error, **rollout.more}, tuple(rollout.scores.shape[:1]))
            groups = tuple(rollout.scores.shape[:-1])
            log_probs, pull_all = backend.vjp(lambda x: task.select(backend, x, rollout.data, arm), everything)
            signal, measured = prepared_for(backend, algorithm, rollout.scores, log_probs, rollout.group)
            state, loss, norm = descend(state, log_probs, lambda pulled: pull_params(pull_all(pulled)), signal, groups)
            return state, Metrics(rollout.error, loss, joined({GRADIENT_NORM: norm, **measured}, rollout.more))

        self._step = backend.compile(step)

    def __call__(self, state: State, inputs: Mapping[str, Array]) -> tuple[State, Metrics]:
        """Run the step; return the new state and the metrics."""
        return self._step(state, inputs)
