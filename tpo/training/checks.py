"""Checks of a training, before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import InvalidArgumentError, unknown_name
from tpo.optimizers import OPTIMIZERS
from tpo.training.groupings import check_group_size
from tpo.training.randomness import Randomness
from tpo.training.task import ClosedForm, ProvidesGroupFields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tpo.training.arm import Arm
    from tpo.training.task import Task

DTYPES = ("float32", "float64")


def check(task: Task, arm: Arm, *, seeds: Sequence[int], steps: int, dtype: str) -> None:
    """Raise an error, before anything is computed, if these arguments cannot be trained together.

    Raises:
        InvalidArgumentError: A number, the dtype or the combination is invalid.
        UnknownNameError: The arm names something that does not exist.
    """
    if steps < 1:
        raise InvalidArgumentError(f"`steps` must be at least 1; got {steps}. A step is a rollout and its epochs.")
    if not seeds:
        raise InvalidArgumentError("`seeds` must hold at least one seed; got none. For example seeds=[0].")
    for seed in seeds:
        Randomness(seed)
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    if not isinstance(task, ClosedForm):
        _check_gradients(task, arm)
    task.check(arm)
    if not isinstance(task, ClosedForm):
        _check_needs(task, arm)


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
