"""Small rollouts of a task, for its tests."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from tpo.testing.laws.subjects import widest_dtype
from tpo.training.trainer import draw_inputs, initial_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tpo.backends.protocols import Autodiff
    from tpo.training.arm import Arm
    from tpo.training.task import Task

SEEDS = (0, 1)
LARGEST = {"batch_size": 4, "group_size": 3, "epochs": 2}
"""Upper bounds on the sizes of arms in the tests."""


def small(arm: Arm) -> Arm:
    """Limit the sizes of an arm."""
    return replace(arm, **{name: min(getattr(arm, name), largest) for name, largest in LARGEST.items()})


class Rolled(NamedTuple):
    """Results of a rollout, as NumPy arrays or as those of a library.

    Attributes:
        scores: The scores.
        log_probs: Log-probs of the candidates.
        error: The error of each seed.
        again: Their log-probs, evaluated once more.
        group: The fields of the group besides the scores.
    """

    scores: Any
    log_probs: Any
    error: Any
    again: Any
    group: Mapping[str, Any]

    def arrays(self) -> dict[str, Any]:
        """Return all arrays by name."""
        own = self._asdict()
        return {**own.pop("group"), **own}


def rolled_out(task: Task, autodiff: Autodiff, arm: str, seeds: Sequence[int]) -> Rolled:
    """Run the first rollout of the given seeds."""
    return run_on(task, autodiff, arm, *first_arguments(task, autodiff, arm, seeds))


def first_arguments(task: Task, autodiff: Autodiff, arm: str, seeds: Sequence[int]) -> tuple[Any, Any]:
    """Draw the parameters and the inputs of the first rollout."""
    dtype = widest_dtype(autodiff)
    params = initial_parameters(task, autodiff, seeds, dtype)
    return params, draw_inputs(task, small(task.arms[arm]), autodiff, seeds, 0, dtype)


def elsewhere(autodiff: Autodiff, params: Any) -> Any:
    """Move parameters away from the first ones, under which all actions may be alike."""
    return {name: _stirred(autodiff, values) for name, values in params.items()}


def _stirred(autodiff: Autodiff, values: Any) -> Any:
    numbers = np.array(autodiff.to_numpy(values))
    noise = np.cos(np.arange(numbers.size)).reshape(numbers.shape) / 10
    return autodiff.shard_like((numbers + noise).astype(numbers.dtype), values)


def run_on(task: Task, autodiff: Autodiff, arm: str, params: Any, inputs: Any) -> Rolled:
    """Run a rollout on parameters and inputs, compiled once."""
    rollout = _rollout(*cast("tuple[Any, ...]", (task, autodiff, arm)))
    found, host = rollout(params, inputs), autodiff.to_numpy
    group = {name: host(values) for name, values in found.group.items()}
    return Rolled(host(found.scores), host(found.log_probs), host(found.error), host(found.again), group)


@functools.cache
def _rollout(task: Task, autodiff: Autodiff, name: str) -> Callable[..., Rolled]:
    arm = small(task.arms[name])

    def roll(params: Any, inputs: Any) -> Rolled:
        rollout = task.rollout(autodiff, params, inputs, arm)
        first, again = (task.log_probs(autodiff, params, rollout.data, arm) for _ in range(2))
        return Rolled(rollout.scores, first, rollout.error, again, rollout.group)

    return autodiff.compile(roll)
