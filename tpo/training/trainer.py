"""The training loop, for any task, arm and backend."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError
from tpo.training.checks import check, check_runner
from tpo.training.evaluation import evaluator
from tpo.training.randomness import Randomness
from tpo.training.step import Metrics
from tpo.training.steppers import stepper
from tpo.training.trees import leaves, rebuild, stack_seeds
from tpo.training.warm_up import Starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm
    from tpo.training.task import Task


class StepResult(NamedTuple):
    """The results of one finished step.

    Attributes:
        step: The index of the step, from 0.
        metrics: Metrics as NumPy arrays.
        seconds: Wall time of the step; the first includes compilation.
        evaluation: Metrics of the evaluation after the step, by name, `[S]` each; empty if there was none.
    """

    step: int
    metrics: Metrics
    seconds: float
    evaluation: Mapping[str, np.ndarray[Any, Any]] = {}


def train(
    task: Task,
    arm: Arm,
    backend: Autodiff,
    *,
    seeds: Sequence[int],
    steps: int,
    dtype: str = "float32",
) -> Iterator[StepResult]:
    """Train one arm, all seeds together: an iterator that takes a step whenever it is asked for the next result.

    Args:
        task: The task.
        arm: The algorithm and its hyperparameters.
        backend: The library to run on.
        seeds: The seeds to run together; the result of each does not depend on the others.
        steps: The number of steps, at least 1.
        dtype: `float32` or `float64`.

    Returns:
        An iterator over one `StepResult` per step.

    Raises:
        InvalidTypeError: An argument is of another type, such as the name of a backend.
        InvalidArgumentError: An argument is invalid; raised before anything is computed.
        UnknownNameError: The arm names something that does not exist.
    """
    check(task, arm, seeds=seeds, steps=steps, dtype=dtype)
    check_runner(backend, task)
    return Training(task, arm, backend, seeds=seeds, dtype=dtype).until(steps)


class Training:
    """A resumable training run of one arm, with all seeds together.

    Attributes:
        step: The number of steps that the state has seen. Steps that are taken in blocks are yielded afterwards, so
            that this can exceed the number yielded.
        state: The state after them.
    """

    def __init__(
        self,
        task: Task,
        arm: Arm,
        backend: Autodiff,
        *,
        seeds: Sequence[int],
        dtype: str,
        start: Callable[[int], Mapping[str, np.ndarray[Any, Any]]] | None = None,
    ) -> None:
        """Initialize parameters and optimizer.

        Args:
            task: As for `train`, already checked, like those that follow.
            arm: As for `train`.
            backend: As for `train`.
            seeds: As for `train`.
            dtype: As for `train`.
            start: From a seed to its parameters before step 0. Default: `Starts`, which warms them up if the task
                `WarmStarts`.
        """
        self._task, self._arm, self._backend, self._seeds, self._dtype = task, arm, backend, seeds, dtype
        self._stepper = stepper(task, arm, backend)
        self.step = 0
        with backend.precision(dtype):
            self._evaluator = evaluator(task, arm, backend)
            start = start or Starts(task, backend, dtype)
            starts = [start(seed) for seed in seeds]
            self.state = self._stepper.begin(stack_seeds(backend, starts, dtype))

    def until(self, steps: int) -> Iterator[StepResult]:
        """Train until `steps` are done, yielding each step's metrics as it ends."""
        inputs: Mapping[str, Array] = {}
        while self.step < steps:
            done, started = self.step, time.perf_counter()
            # The scope is left before a step is yielded, so that the caller computes with its own precision.
            with self._backend.precision(self._dtype):
                inputs, metrics, evaluations = self._take_block(inputs or self._inputs(), steps)
            seconds = (time.perf_counter() - started) / len(metrics)
            for index, (one, evaluation) in enumerate(zip(metrics, evaluations, strict=True)):
                yield StepResult(done + index, one, seconds, evaluation)

    def _take_block(
        self, inputs: Mapping[str, Array], steps: int
    ) -> tuple[Mapping[str, Array], list[Metrics], list[Mapping[str, Any]]]:
        """Take steps of one block, at most to `steps`; return the next inputs, the metrics and the evaluations."""
        done, first = self.step, self.step % self._stepper.block
        until_next = self._evaluator.until_next(done, steps)
        count = min(self._stepper.block - first, until_next)
        self.state, measured = self._stepper.advance(self.state, inputs, first, count)
        self.step += count
        if self.step < steps:
            # Drawn now, while a backend that computes asynchronously is still busy with this step.
            inputs = self._inputs()
        metrics = [self._on_host(one) for one in measured]
        evaluations: list[Mapping[str, Any]] = [{}] * count
        if until_next == count:
            evaluations[-1] = self._evaluator.evaluate(self.state.params)
        return inputs, metrics, evaluations

    def _inputs(self) -> dict[str, Array]:
        number = self.step // self._stepper.block
        return draw_inputs(self._task, self._arm, self._backend, self._seeds, number, self._dtype)

    def _on_host(self, metrics: Metrics) -> Metrics:
        more = {name: self._backend.to_numpy(values) for name, values in metrics.more.items()}
        return Metrics(self._backend.to_numpy(metrics.error), self._backend.to_numpy(metrics.loss), more)

    def snapshot(self) -> dict[str, np.ndarray[Any, Any]]:
        """Copy the arrays of the state to the host, by their path in the state."""
        return {path: np.array(self._backend.to_numpy(array)) for path, array in leaves(self.state).items()}

    def restore(self, step: int, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Resume from a snapshot taken after `step` steps; later results are bitwise equal to an uninterrupted run.

        Raises:
            InvalidArgumentError: The arrays are from another task, arm or version.
        """
        expected = {path: _kind(array) for path, array in self.snapshot().items()}
        if {path: _kind(array) for path, array in arrays.items()} != expected:
            message = "the snapshot must hold the arrays of this training; got other names, shapes or dtypes."
            raise InvalidArgumentError(f"{message} It is of another task, arm or version of tpo: begin anew.")
        with self._backend.precision(self._dtype):
            self.state = rebuild(self.state, arrays, self._backend.shard_like)
        self.step = step


def _kind(array: np.ndarray[Any, Any]) -> tuple[tuple[int, ...], str]:
    return array.shape, array.dtype.name


def initial_parameters(task: Task, backend: Autodiff, seeds: Sequence[int], dtype: str) -> dict[str, Array]:
    """Draw the initial parameters of all seeds, `[S, ...]`."""
    return stack_seeds(backend, [task.initial_parameters(Randomness(seed)) for seed in seeds], dtype)


def draw_inputs(
    task: Task, arm: Arm, backend: Autodiff, seeds: Sequence[int], step: int, dtype: str
) -> dict[str, Array]:
    """Draw contexts and noise of a step, or a block of steps, for all seeds, `[S, ...]`, on the backend's devices."""
    return stack_seeds(backend, [task.inputs(Randomness(seed, step), arm) for seed in seeds], dtype)
