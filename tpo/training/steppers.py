"""How a task goes on: by gradients, or by updates that it knows in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tpo.optimizers import OPTIMIZERS
from tpo.training.single_pass import SinglePassStep
from tpo.training.step import Metrics, State, Step
from tpo.training.task import ClosedForm, OneShot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.backends.protocols import Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm


class Stepper(Protocol):
    """Takes a task from state to state.

    Attributes:
        block: How many steps one draw of inputs is for.
    """

    block: int

    def begin(self, params: Parameters) -> State:
        """The state before the first step."""

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """The state after `count` steps, from step `first` of the block that `inputs` are for; what each measured."""


class ByGradients:
    """A rollout, and epochs with an optimizer; a step at a time."""

    block = 1

    def __init__(self, task: Any, arm: Arm, backend: Any) -> None:
        """Compile for these when first run."""
        self._backend = backend
        self._optimizer = backend.optimizer(OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate))
        step = SinglePassStep if arm.epochs == 1 and isinstance(task, OneShot) else Step
        self._step = step(task, arm, arm.create_algorithm(), backend, self._optimizer)

    def begin(self, params: Parameters) -> State:
        """The optimizer has seen nothing."""
        return State(params, self._optimizer.init(params))

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """One step."""
        del first, count
        state, measured = self._step(state, inputs)
        return state, [measured]


class InClosedForm:
    """The task's own updates, as many steps at a time as there are inputs for."""

    def __init__(self, task: ClosedForm, arm: Arm, backend: Any) -> None:
        """Compile for these when first run."""

        def advance(params: Parameters, inputs: Mapping[str, Array]) -> Any:
            return task.advance(backend, params, inputs, arm)

        self.block = task.block
        self._advance = backend.compile(advance)

    def begin(self, params: Parameters) -> State:
        """There is no optimizer."""
        return State(params, {})

    def advance(self, state: State, inputs: Mapping[str, Array], first: int, count: int) -> tuple[State, list[Metrics]]:
        """`count` steps."""
        wanted = {name: array[:, first : first + count, ...] for name, array in inputs.items()}
        params, measured = self._advance(state.params, wanted)
        more = {name: values for name, values in measured.items() if name != "error"}
        error = measured["error"]
        metrics = [
            Metrics(error[i, ...], np.nan * error[i, ...], {name: values[i, ...] for name, values in more.items()})
            for i in range(count)
        ]
        return State(params, state.optimizer), metrics


def stepper(task: Any, arm: Arm, backend: Any) -> Stepper:
    """What takes `task` forward."""
    return InClosedForm(task, arm, backend) if isinstance(task, ClosedForm) else ByGradients(task, arm, backend)
