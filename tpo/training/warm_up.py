"""Supervision before step 0, for tasks that `WarmStarts`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tpo.optimizers import adam_for
from tpo.training.randomness import Randomness
from tpo.training.step import State
from tpo.training.task import WarmStarts
from tpo.training.trees import stack_seeds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Autodiff, Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.task import Task

OnStep = Callable[[int, int], None]
"""Called after each step of supervision with the number of steps done and their total."""


def is_warmed_up(task: Task) -> bool:
    """Whether the task's policy is trained on examples before step 0."""
    return isinstance(task, WarmStarts) and task.warm_up.steps > 0


def _ignore(done: int, total: int) -> None:
    """Do nothing."""
    del done, total


class Starts:
    """The parameters with which the training of a seed starts: as drawn, or after the task's warm-up.

    Each seed is warmed up by itself, so that its parameters do not depend on the seeds that are trained beside it.
    """

    def __init__(self, task: Task, backend: Autodiff, dtype: str) -> None:
        """Compute in `dtype` on `backend`; compilation happens on the first step."""
        self._task, self._backend, self._dtype = task, backend, dtype
        self._update: Any = None

    def __call__(self, seed: int, on_step: OnStep = _ignore) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return the parameters with which `seed` starts, in the dtype given to `Starts`, without a seeds axis."""
        drawn = self._task.initial_parameters(Randomness(seed))
        if not isinstance(self._task, WarmStarts) or not is_warmed_up(self._task):
            return {name: values.astype(self._dtype) for name, values in drawn.items()}
        with self._backend.precision(self._dtype):
            params = self._supervised(self._task, seed, stack_seeds(self._backend, [drawn], self._dtype), on_step)
            return {name: np.array(self._backend.to_numpy(values))[0] for name, values in params.items()}

    def _supervised(self, task: WarmStarts, seed: int, params: Parameters, on_step: OnStep) -> Parameters:
        optimizer = self._backend.optimizer(adam_for((), task.warm_up.learning_rate))
        self._update = self._update or self._backend.compile(_make_update(task, self._backend, optimizer))
        state, total = State(params, optimizer.init(params)), task.warm_up.steps
        for step in range(total):
            examples = stack_seeds(self._backend, [task.examples(Randomness(seed, step))], self._dtype)
            state = self._update(state, examples)
            on_step(step + 1, total)
        return state.params


def _make_update(task: WarmStarts, backend: Autodiff, optimizer: Any) -> Callable[[State, Mapping[str, Array]], State]:
    """Build one step of supervision as a pure function of the state and the examples."""

    def update(state: State, examples: Mapping[str, Array]) -> State:
        loss, pull = backend.vjp(lambda params: task.supervised_loss(backend, params, examples), state.params)
        grads = pull(backend.namespace().ones_like(loss))
        return State(*optimizer.update(grads, state.optimizer, state.params))

    return update
