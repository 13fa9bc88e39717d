"""Checks of a training, before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING

from tpo.backends.protocols import Autodiff, Runner
from tpo.errors import InvalidArgumentError, InvalidTypeError, unknown_name
from tpo.optimizers import OPTIMIZERS
from tpo.training.groupings import check_group_size
from tpo.training.randomness import Randomness
from tpo.training.task import ClosedForm, ProvidesGroupFields

if TYPE_CHECKING:
    from tpo.training.arm import Arm
    from tpo.training.task import Task

DTYPES = ("float32", "float64")
OF_TASKS = ("check", "initial_parameters", "inputs")
OF_TASKS_WITH_GRADIENTS = ("matrices", "rollout", "log_probs")
"""What a task must have, and what one without updates in closed form must have in addition."""


def check(task: Task, arm: Arm, *, seeds: Sequence[int], steps: int, dtype: str) -> None:
    """Raise an error, before anything is computed, if these arguments cannot be trained together.

    Raises:
        InvalidTypeError: The task is a class, or the seeds are no sequence.
        InvalidArgumentError: A number, the dtype or the combination is invalid.
        UnknownNameError: The arm names something that does not exist.
    """
    _check_task(task)
    if not _is_whole(steps) or steps < 1:
        raise InvalidArgumentError(f"`steps` must be at least 1; got {steps!r}. A step is a rollout and its epochs.")
    if not _is_sequence(seeds):
        message = f"`seeds` must be a sequence of whole numbers; got {type(seeds).__name__}."
        raise InvalidTypeError(f"{message} For example seeds=[0, 1] or seeds=range(5).")
    if not seeds:
        raise InvalidArgumentError("`seeds` must hold at least one seed; got none. For example seeds=[0].")
    for seed in seeds:
        Randomness(seed)
    if len(set(seeds)) < len(seeds):
        raise InvalidArgumentError(f"`seeds` must differ; got {list(seeds)}. A seed gives the same run every time.")
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    if not isinstance(task, ClosedForm):
        _check_gradients(task, arm)
    task.check(arm)
    if not isinstance(task, ClosedForm):
        _check_needs(task, arm)


def _check_task(task: object) -> None:
    """Raise an error for what is no task.

    Raises:
        InvalidTypeError: It is a class, or lacks something that every task has.
    """
    if isinstance(task, type):
        message = f"`task` must be a task; got the class {task.__name__}."
        raise InvalidTypeError(f"{message} Create one: {task.__name__}().")
    needed = OF_TASKS if isinstance(task, ClosedForm) else (*OF_TASKS, *OF_TASKS_WITH_GRADIENTS)
    for name in needed:
        if not hasattr(task, name):
            message = f"`task` must have `{name}`, as every tpo.Task; got {task!r}, which lacks it."
            raise InvalidTypeError(f"{message} tpo.testing.TaskSuite checks a task.")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral)


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def check_runner(backend: object, task: Task) -> None:
    """Raise an error for a backend that cannot train a task.

    Raises:
        InvalidTypeError: It is a name, or something else, or does not differentiate where the task needs gradients.
    """
    if isinstance(backend, Autodiff) or (isinstance(task, ClosedForm) and isinstance(backend, Runner)):
        return
    message = f"`backend` must be one that trains {type(task).__name__}; got {backend!r}."
    raise InvalidTypeError(f"{message} For example tpo.backend('torch').")


def given_by(task: Task, arm: Arm) -> tuple[str, ...]:
    """List the optional fields of `Group` that `task` provides."""
    return task.group_fields(arm) if isinstance(task, ProvidesGroupFields) else ()


def _check_needs(task: Task, arm: Arm) -> None:
    given, traits = given_by(task, arm), arm.create_algorithm().traits
    if "token_mask" in given and not traits.takes_tokens:
        message = f"the log-probs must be those of whole candidates for {arm.algorithm}; got those of tokens"
        raise InvalidArgumentError(f"{message}, in the grouping {arm.grouping!r}. Choose another: --grouping sequence.")
    for needed in traits.needs:
        if needed not in given:
            message = (
                f"the task must give `{needed}` for {arm.algorithm}; got one that does not (tpo.ProvidesGroupFields)."
            )
            raise InvalidArgumentError(f"{message} Choose another algorithm or task, or train in a loop of your own.")


def _check_gradients(task: Task, arm: Arm) -> None:
    if arm.optimizer not in OPTIMIZERS:
        raise unknown_name("optimizer", arm.optimizer, OPTIMIZERS)
    OPTIMIZERS[arm.optimizer](task.matrices, arm.learning_rate)
    check_group_size(arm, arm.create_algorithm().traits.min_group_size)
