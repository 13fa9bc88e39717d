"""Evaluating a policy on held-out data, at the interval that its task sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tpo.training.contracts import check_metrics
from tpo.training.task import Evaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tpo.backends.protocols import Parameters
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm


class Evaluator(Protocol):
    """Evaluates a policy at certain steps."""

    def until_next(self, done: int, steps: int) -> int:
        """Return the number of steps, at least 1, from step `done` to the next evaluation or to `steps`."""

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """Evaluate a policy: metrics by name, `[S]` each."""


class Never:
    """The evaluator of tasks without held-out data: it never evaluates."""

    def until_next(self, done: int, steps: int) -> int:
        """Return the number of steps left."""
        return steps - done

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return no metrics."""
        del params
        return {}


class OnHeldOut:
    """Evaluates on the task's held-out data, which is moved to the backend once."""

    def __init__(self, task: Evaluated, arm: Arm, backend: Any) -> None:
        """Move the data to the backend; compilation happens on the first evaluation."""

        def measure(params: Parameters, data: Mapping[str, Array]) -> Mapping[str, Array]:
            return task.evaluate(backend, params, data, arm)

        self._task, self._every, self._backend = task, task.evaluate_every, backend
        self._measure = backend.compile(measure)
        self._data = {name: backend.asarray(values) for name, values in task.held_out().items()}

    def until_next(self, done: int, steps: int) -> int:
        """Return the number of steps to the next multiple of the interval, or to the last step."""
        return min(self._every - done % self._every, steps - done)

    def evaluate(self, params: Parameters) -> Mapping[str, np.ndarray[Any, Any]]:
        """Evaluate by the task's own `evaluate`."""
        measured = self._measure(params, self._data)
        check_metrics(self._task, measured, tuple(next(iter(params.values())).shape[:1]))
        return {name: self._backend.to_numpy(values) for name, values in measured.items()}


def evaluator(task: Any, arm: Arm, backend: Any) -> Evaluator:
    """Create the evaluator for a task and an arm."""
    return OnHeldOut(task, arm, backend) if isinstance(task, Evaluated) else Never()
