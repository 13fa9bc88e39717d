"""Measuring a policy apart from training, as often as its task asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tpo.training.task import Evaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tpo.backends.protocols import Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm


class Evaluator(Protocol):
    """Says when to evaluate, and does it."""

    def until_next(self, done: int, steps: int) -> int:
        """How many steps may be taken before the next evaluation, after `done` of `steps`: at least 1."""

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """What a policy comes to, by name, `[S]` each."""


class Never:
    """For tasks that are measured in training alone."""

    def until_next(self, done: int, steps: int) -> int:
        """All that are left."""
        return steps - done

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """Nothing."""
        del params
        return {}


class OnHeldOut:
    """Evaluates on what the task holds out, which is brought to the backend once."""

    def __init__(self, task: Evaluated, arm: Arm, backend: Any) -> None:
        """Compile when first run."""

        def measure(params: Parameters, data: Mapping[str, Array]) -> Mapping[str, Array]:
            return task.evaluate(backend, params, data, arm)

        self._every, self._backend, self._measure = task.evaluate_every, backend, backend.compile(measure)
        self._data = {name: backend.asarray(values) for name, values in task.held_out().items()}

    def until_next(self, done: int, steps: int) -> int:
        """Until the next multiple, or the last step."""
        return min(self._every - done % self._every, steps - done)

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """As the task has it."""
        measured = self._measure(params, self._data)
        return {name: self._backend.to_numpy(values) for name, values in measured.items()}


def evaluator(task: Any, arm: Arm, backend: Any) -> Evaluator:
    """What evaluates the policies of `task` that `arm` trains."""
    return OnHeldOut(task, arm, backend) if isinstance(task, Evaluated) else Never()
