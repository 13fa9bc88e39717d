"""Checks of what algorithms and tasks return during training. Shapes are static: nothing is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tpo.core.loss import Loss
from tpo.plugins.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tpo.core.arrays.typing import Array


def checked_loss(algorithm: str, loss: Any, groups: tuple[int, ...]) -> Loss:
    """Return the loss of an algorithm, which has a value and a weight for each group.

    Args:
        algorithm: The registered name of the algorithm.
        loss: What its `loss` returned.
        groups: The shape `[...]` of the groups.

    Raises:
        PluginError: It is no `tpo.Loss`, or of another shape.
    """
    contract = Contract(
        "algorithm", algorithm, f"return a tpo.Loss with a `value` and a `weight` of the shape {groups}"
    )
    if not isinstance(loss, Loss):
        raise contract.refusal(f"an object of the class {type(loss).__name__}")
    if any(_shape(array) != groups for array in loss):
        value, weight = map(_described, loss)
        raise contract.refusal(f"a value of {value} and a weight of {weight}")
    return loss


def check_metrics(task: object, metrics: Mapping[str, Array], expected: tuple[int, ...]) -> None:
    """Raise an error for metrics of a task that are not one number per seed.

    Args:
        task: The task.
        metrics: Metrics by name.
        expected: The shape of each: `[S]`, or `[n, S]` for n steps at once.

    Raises:
        PluginError: One is of another shape.
    """
    for name, values in metrics.items():
        if _shape(values) != expected:
            kind = type(task)
            must = f"return one `{name}` for each seed, an array of the shape {expected}"
            contract = Contract("task", f"{kind.__module__}:{kind.__qualname__}", must, "Repair the task.")
            raise contract.refusal(f"one of {_described(values)}")


def _described(array: Any) -> str:
    shape = _shape(array)
    return f"the class {type(array).__name__}" if shape is None else f"the shape {shape}"


def _shape(array: Any) -> tuple[int, ...] | None:
    return tuple(array.shape) if hasattr(array, "shape") else None
