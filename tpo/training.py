"""Training: step after step, for any task, arm and backend."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.backends import OPTIMIZERS
from tpo.errors import InvalidArgumentError, unknown_name
from tpo.groupings import check_group_size
from tpo.randomness import Randomness
from tpo.step import Metrics, State, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tpo.arms import Arm
    from tpo.backends import Autodiff, Optimizer
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.ops import Array
    from tpo.tasks import Task

DTYPES = ("float32", "float64")


class StepResult(NamedTuple):
    """One finished step.

    Attributes:
        step: From 0.
        metrics: As NumPy arrays.
        seconds: Wall time of the step, compilation included in the first.
    """

    step: int
    metrics: Metrics
    seconds: float


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
    algorithm = check(task, arm, seeds=seeds, steps=steps, dtype=dtype)
    with backend.precision(dtype):
        yield from _train(task, arm, algorithm, backend, seeds, steps, dtype)


def check(task: Task, arm: Arm, *, seeds: Sequence[int], steps: int, dtype: str) -> Algorithm:
    """Refuse what cannot be trained, before anything is computed; the arm's algorithm otherwise.

    Raises:
        InvalidArgumentError: A number, the dtype or the combination makes no sense.
        UnknownNameError: The arm names something that does not exist.
    """
    if steps < 1:
        raise InvalidArgumentError(f"`steps` must be at least 1; got {steps}. A step is a rollout and its epochs.")
    if not seeds:
        raise InvalidArgumentError("`seeds` must be at least 1; got 0. Every seed is one run.")
    for seed in seeds:
        Randomness(seed)
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    if arm.optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", arm.optimizer, OPTIMIZERS)
    OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate)
    algorithm = arm.create_algorithm()
    check_group_size(arm, algorithm.traits.min_group_size)
    task.check(arm)
    return algorithm


def _train(
    task: Task,
    arm: Arm,
    algorithm: Algorithm,
    backend: Autodiff,
    seeds: Sequence[int],
    steps: int,
    dtype: str,
) -> Iterator[StepResult]:
    optimizer = backend.optimizer(OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate))
    advance = Step(task, arm, algorithm, backend, optimizer)
    state = initial_state(task, backend, optimizer, seeds, dtype)
    inputs = draw_inputs(task, arm, backend, seeds, 0, dtype)
    started = time.perf_counter()
    for step in range(steps):
        state, measured = advance(state, inputs)
        if step + 1 < steps:
            # Drawn while a backend that computes in the background is still busy with this step.
            inputs = draw_inputs(task, arm, backend, seeds, step + 1, dtype)
        metrics = Metrics(*(backend.to_numpy(values) for values in measured))
        now = time.perf_counter()
        yield StepResult(step, metrics, now - started)
        started = time.perf_counter()


def initial_state(task: Task, backend: Autodiff, optimizer: Optimizer, seeds: Sequence[int], dtype: str) -> State:
    """Parameters and optimizer state before the first step."""
    stacked = _stack([task.initial_parameters(Randomness(seed)) for seed in seeds])
    params = {name: backend.asarray(values, dtype=dtype) for name, values in stacked.items()}
    return State(params, backend.compile(optimizer.init)(params))


def draw_inputs(
    task: Task, arm: Arm, backend: Autodiff, seeds: Sequence[int], step: int, dtype: str
) -> dict[str, Array]:
    """Contexts and noise of one step for all seeds, `[S, ...]`, on the backend's device."""
    drawn = _stack([task.inputs(Randomness(seed, step), arm) for seed in seeds])
    return {name: backend.asarray(values, dtype=_cast(values, dtype)) for name, values in drawn.items()}


def _stack(trees: Sequence[Mapping[str, np.ndarray[Any, Any]]]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: np.stack([tree[name] for tree in trees]) for name in trees[0]}


def _cast(values: np.ndarray[Any, Any], dtype: str) -> str | None:
    return dtype if np.issubdtype(values.dtype, np.floating) else None
