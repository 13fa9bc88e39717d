"""Steppers: training by gradients, or by a task's own updates in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tpo.optimizers import OPTIMIZERS
from tpo.training.contracts import check_metrics
from tpo.training.single_pass import SinglePassStep
from tpo.training.step import Metrics, State, Step, joined
from tpo.training.task import ClosedForm, OneShot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm


class Stepper(Protocol):
    """Advances the training state by one or more steps.

    Attributes:
        block: The number of steps that one draw of inputs serves.
    """

    block: int

    def begin(self, params: Parameters) -> State:
        """Create the state before the first step."""

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """Take `count` steps, from step `first` of the block of `inputs`; return the state and the metrics of each."""


class ByGradients:
    """Training by gradients: a rollout, then epochs with an optimizer; one step at a time."""

    block = 1

    def __init__(self, task: Any, arm: Arm, backend: Any) -> None:
        """Build the step; it is compiled on the first call."""
        self._backend = backend
        self._optimizer = backend.optimizer(OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate))
        step = SinglePassStep if arm.epochs == 1 and isinstance(task, OneShot) else Step
        self._step = step(task, arm, arm.create_algorithm(), backend, self._optimizer)

    def begin(self, params: Parameters) -> State:
        """Create the state with a new optimizer state."""
        return State(params, self._optimizer.init(params))

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """Take one step."""
        del first, count
        state, measured = self._step(state, inputs)
        return state, [measured]


class InClosedForm:
    """Training by the task's own updates in closed form, a block of steps at a time."""

    def __init__(self, task: ClosedForm, arm: Arm, backend: Any) -> None:
        """Build the update; it is compiled on the first call."""

        def advance(params: Parameters, inputs: Mapping[str, Array]) -> Any:
            return task.advance(backend, params, inputs, arm)

        self.block, self._task = task.block, task
        self._advance = backend.compile(advance)

    def begin(self, params: Parameters) -> State:
        """Create the state; there is no optimizer state."""
        return State(params, {})

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """Take `count` steps; the loss is NaN, since there is none."""
        wanted = {name: array[:, first : first + count, ...] for name, array in inputs.items()}
        params, measured = self._advance(state.params, wanted)
        seeds = next(iter(params.values())).shape[0]
        check_metrics(self._task, measured, (count, seeds))
        more = joined({}, {name: values for name, values in measured.items() if name != "error"})
        error = measured["error"]
        metrics = [
            Metrics(error[i, ...], np.nan * error[i, ...], {name: values[i, ...] for name, values in more.items()})
            for i in range(count)
        ]
        return State(params, state.optimizer), metrics


def stepper(task: Any, arm: Arm, backend: Any) -> Stepper:
    """Choose the stepper of a task: closed form if the task has it, else gradients."""
    return InClosedForm(task, arm, backend) if isinstance(task, ClosedForm) else ByGradients(task, arm, backend)
