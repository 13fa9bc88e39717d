"""Training: rollout, score, prepare, epochs, for any task, arm and backend.

Nothing here knows an algorithm, a task or a library by name. A step is one pure function, compiled once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tpo.backends import OPTIMIZERS
from tpo.core.group import Group
from tpo.errors import InvalidArgumentError, unknown_name
from tpo.groupings import check_group_size, grouping
from tpo.randomness import Randomness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tpo.arms import Arm
    from tpo.backends import Autodiff, Optimizer, OptimizerState, Parameters
    from tpo.core.algorithms.base import Algorithm
    from tpo.core.ops import Array
    from tpo.tasks import Task

DTYPES = ("float32", "float64")


class State(NamedTuple):
    """What training carries from step to step: trees of arrays, each with the seeds as axis 0 where it has one."""

    params: Parameters
    optimizer: OptimizerState


class Metrics(NamedTuple):
    """What one step measures, `[S]` each.

    Attributes:
        error: The error under the policy that sampled, before the step's updates.
        loss: The loss of the first epoch.
    """

    error: Array
    loss: Array


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
    advance = backend.compile(make_step(task, arm, algorithm, backend, optimizer))
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
    return State(params, optimizer.init(params))


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


def make_step(
    task: Task, arm: Arm, algorithm: Algorithm, backend: Autodiff, optimizer: Optimizer
) -> Callable[[State, Mapping[str, Array]], tuple[State, Metrics]]:
    """One step as a pure function of the state and the step's inputs.

    The old log-probs are those of the first epoch's own forward pass, not of the rollout: the two round
    differently, and a scale-free optimizer would turn that round-off into a full-size update. All epochs are one
    scanned function, which halves the time to compile; the signal, a function of constants, is the same in each.
    """
    xp, arrange = backend.namespace(), grouping(arm.grouping)

    def step(state: State, inputs: Mapping[str, Array]) -> tuple[State, Metrics]:
        rollout = task.rollout(backend, state.params, inputs, arm)

        def forward(params: Parameters) -> Array:
            return task.log_probs(backend, params, rollout.data, arm)

        def epoch(carry: tuple[State, Array], number: Array) -> tuple[tuple[State, Array], Array]:
            state, old_log_probs = carry
            log_probs, pull_params = backend.vjp(forward, state.params)
            old_log_probs = xp.where(number == 0, log_probs, old_log_probs)
            signal = algorithm.prepare(Group(scores=rollout.scores, old_log_probs=old_log_probs))
            loss, pull_log_probs = backend.vjp(lambda x: arrange.reduce(algorithm.loss(x, signal)), log_probs)
            grads = pull_params(pull_log_probs(xp.ones_like(loss)))
            return (State(*optimizer.update(grads, state.optimizer, state.params)), old_log_probs), loss

        carry = state, xp.zeros_like(rollout.scores)
        (state, _), losses = backend.scan(epoch, carry, backend.asarray(np.arange(arm.epochs)))
        return state, Metrics(rollout.error, losses[0, ...])

    return step
