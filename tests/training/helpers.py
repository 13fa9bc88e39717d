"""One compiled step of a task, run by hand so that tests can inspect it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from tpo.optimizers import OPTIMIZERS
from tpo.training.step import State, Step
from tpo.training.trainer import draw_inputs, initial_parameters


@dataclass
class Driver:
    """A task and arm on one backend, with its state."""

    task: Any
    arm: Any
    backend: Any
    seeds: tuple[int, ...] = (0,)
    dtype: str = "float64"

    def __post_init__(self) -> None:
        self.optimizer = self.backend.optimizer(
            OPTIMIZERS[self.arm.optimizer](self.task.matrices, self.arm.learning_rate)
        )
        self.step = Step(self.task, self.arm, self.arm.create_algorithm(), self.backend, self.optimizer)
        self.begin()

    def begin(self) -> None:
        """Create the state before the first step."""
        with self.backend.precision(self.dtype):
            params = initial_parameters(self.task, self.backend, self.seeds, self.dtype)
            self.state = State(params, self.optimizer.init(params))

    def restarted(self, *seeds: int) -> Driver:
        """The same compiled step from the beginning, for other seeds."""
        other = copy.copy(self)
        other.seeds = seeds
        other.begin()
        return other

    def inputs(self, step: int) -> dict[str, Any]:
        return draw_inputs(self.task, self.arm, self.backend, self.seeds, step, self.dtype)

    def params(self) -> dict[str, np.ndarray]:
        return {name: np.array(self.backend.to_numpy(value)) for name, value in self.state.params.items()}

    def advance(self, step: int) -> tuple[np.ndarray, Any]:
        """Run step `step`; return its sampled candidates and its metrics."""
        with self.backend.precision(self.dtype):
            inputs = self.inputs(step)
            candidates = np.array(self.backend.to_numpy(self.step.rollout(self.state.params, inputs).data[2]))
            self.state, metrics = self.step(self.state, inputs)
        return candidates, metrics
