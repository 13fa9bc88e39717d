"""Training: step after step, for any task, arm and backend."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.errors import InvalidArgumentError
from tpo.training.checks import check
from tpo.training.evaluation import evaluator
from tpo.training.randomness import Randomness
from tpo.training.step import Metrics
from tpo.training.steppers import stepper
from tpo.training.trees import leaves, rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.core.arrays.typing import Array
    from tpo.training.arm import Arm
    from tpo.training.task import Task


class StepResult(NamedTuple):
    """One finished step.

    Attributes:
        step: From 0.
        metrics: As NumPy arrays.
        seconds: Wall time of the step, compilation included in the first.
        evaluation: What the policy came to after the step, by name, `[S]` each; empty where it was not evaluated.
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
    """Train one arm, all seeds together, yielding each step's measurements as it ends.

    Args:
        task: What to learn.
        arm: How to learn it.
        backend: The library to run on.
        seeds: The seeds to run together; the result of each does not depend on the others.
        steps: How many steps, at least 1.
        dtype: `float32` or `float64`.

    Yields:
        A `StepResult` per step.

    Raises:
        InvalidArgumentError: An argument makes no sense; found before anything is computed.
        UnknownNameError: The arm names something that does not exist.
    """
    check(task, arm, seeds=seeds, steps=steps, dtype=dtype)
    yield from Training(task, arm, backend, seeds=seeds, dtype=dtype).until(steps)


class Training:
    """The training of one arm, all seeds together, which can be left and taken up again.

    Attributes:
        step: How many steps the state has seen: where they are taken in blocks, more than were yielded, until the last
            of the block is.
        state: What they came to.
    """

    def __init__(self, task: Task, arm: Arm, backend: Autodiff, *, seeds: Sequence[int], dtype: str) -> None:
        """Begin; the arguments are those of `train`, and have been checked."""
        self._task, self._arm, self._backend, self._seeds, self._dtype = task, arm, backend, seeds, dtype
        self._stepper = stepper(task, arm, backend)
        self.step = 0
        with backend.precision(dtype):
            self._evaluator = evaluator(task, arm, backend)
            self.state = self._stepper.begin(initial_parameters(task, backend, seeds, dtype))

    def until(self, steps: int) -> Iterator[StepResult]:
        """Train until `steps` are done, yielding each step's measurements as it ends."""
        inputs: Mapping[str, Array] = {}
        while self.step < steps:
            done, started = self.step, time.perf_counter()
            # Left before a step is yielded: what the caller computes between steps has the caller's own precision.
            with self._backend.precision(self._dtype):
                inputs, metrics, evaluations = self._take_block(inputs or self._inputs(), steps)
            seconds = (time.perf_counter() - started) / len(metrics)
            for index, (one, evaluation) in enumerate(zip(metrics, evaluations, strict=True)):
                yield StepResult(done + index, one, seconds, evaluation)

    def _take_block(
        self, inputs: Mapping[str, Array], steps: int
    ) -> tuple[Mapping[str, Array], list[Metrics], list[Mapping[str, Any]]]:
        """Some of the steps to `steps`, all of one block; the inputs of what follows, and what each step measured."""
        done, first = self.step, self.step % self._stepper.block
        until_next = self._evaluator.until_next(done, steps)
        count = min(self._stepper.block - first, until_next)
        self.state, measured = self._stepper.advance(self.state, inputs, first, count)
        self.step += count
        if self.step < steps:
            # Drawn while a backend that computes in the background is still busy with this step.
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
        """The arrays of the state by where they stand in it, copied to the host."""
        return {path: np.array(self._backend.to_numpy(array)) for path, array in leaves(self.state).items()}

    def restore(self, step: int, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Go on from the snapshot taken when `step` steps were done: what follows is the same to the bit.

        Raises:
            InvalidArgumentError: The arrays are those of another task, arm or version.
        """
        expected = {path: _kind(array) for path, array in self.snapshot().items()}
        if {path: _kind(array) for path, array in arrays.items()} != expected:
            message = "the snapshot must hold the arrays of this training; got other names, shapes or dtypes."
            raise InvalidArgumentError(f"{message} It is of another version: begin anew.")
        with self._backend.precision(self._dtype):
            self.state = rebuild(self.state, arrays, self._backend.shard_like)
        self.step = step


def _kind(array: np.ndarray[Any, Any]) -> tuple[tuple[int, ...], str]:
    return array.shape, array.dtype.name


def initial_parameters(task: Task, backend: Autodiff, seeds: Sequence[int], dtype: str) -> dict[str, Array]:
    """The parameters of all seeds before the first step, `[S, ...]`."""
    stacked = _stack([task.initial_parameters(Randomness(seed)) for seed in seeds])
    return {name: backend.shard(values, dtype=dtype) for name, values in stacked.items()}


def draw_inputs(
    task: Task, arm: Arm, backend: Autodiff, seeds: Sequence[int], step: int, dtype: str
) -> dict[str, Array]:
    """Contexts and noise of one step, or block of steps, for all seeds, `[S, ...]`, on the backend's devices."""
    drawn = _stack([task.inputs(Randomness(seed, step), arm) for seed in seeds])
    return {name: backend.shard(values, dtype=_cast(values, dtype)) for name, values in drawn.items()}


def _stack(trees: Sequence[Mapping[str, np.ndarray[Any, Any]]]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.stack([tree[name] for tree in trees]) for name in trees[0]}


def _cast(values: np.ndarray[Any, Any], dtype: str) -> str | None:
    return dtype if np.issubdtype(values.dtype, np.floating) else None
