"""Names of the metrics of a training run, known before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tpo.errors import unknown_name
from tpo.training.group_metrics import GRADIENT_NORM, group_metric_names
from tpo.training.task import ClosedForm, Evaluated, ReportsMetrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tpo.training.arm import Arm
    from tpo.training.task import Task


def measured_names(task: Task, arm: Arm) -> tuple[str, ...]:
    """Names of all metrics of training `arm` on `task`, at each step or at each evaluation."""
    by_gradients = () if isinstance(task, ClosedForm) else (GRADIENT_NORM, *group_metric_names(arm.create_algorithm()))
    more = task.measures if isinstance(task, ReportsMetrics) else ()
    return tuple(dict.fromkeys(("error", "loss", *by_gradients, reported_error(task), *more)))


def reported_error(task: Task) -> str:
    """Name of the error to report by default: the error on the test set, if there is one."""
    return "test_error" if isinstance(task, Evaluated) else "error"


def check_measured(task: Task, arm: Arm, names: Iterable[str]) -> None:
    """Raise an error for names that are not metrics of training `arm` on `task`.

    Raises:
        UnknownNameError: A name is not among them.
    """
    known = measured_names(task, arm)
    declare = " A task with more metrics must declare them: tpo.ReportsMetrics."
    note = "" if isinstance(task, ReportsMetrics) else declare
    for name in names:
        if name not in known:
            raise unknown_name(f"measure of {arm.algorithm} on this task", name, known, note)
